"""Pupils by the centroid of the eye's contour."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.eyes import Eyes
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.protocols import Landmarker
from closeup.pupils.crop_finder import joined
from closeup.pupils.darkness import clearness, darkness, grey
from closeup.pupils.eye_crops import CropShape, EyeCrop, eye_crops
from closeup.pupils.eye_frame import EyeFrame
from closeup.pupils.method import Located, Steps
from closeup.pupils.visibility import why_hidden, why_unclear

_CONTOURS = (slice(36, 42), slice(42, 48))
"""Points of the subject's right and left eye among the 68: outer or inner corner, upper lid,
the other corner, lower lid."""
_CLOSED, _OPEN = 0.1, 0.3
"""Lid distance over eye width of a closed eye and of a wide open one."""


class ContourPupilFinder:
    """Takes the centroid of the lids' contour as the pupil.

    People mostly look at the camera, so the iris is in the centre of the visible eye. The
    textbook's mean of the six points is biased towards the lid whose points lie closer
    together; the centroid of the polygon's *area* is not. Openness is the eye aspect ratio
    (Soukupová and Čech, "Real-time eye blink detection using facial landmarks", CVWW 2016):
    the mean distance of the lids over the width of the eye.

    Args:
        landmarker: A landmarker of 68 points.
        area: Whether to use the centroid of the area instead of the mean of the points.

    Raises:
        ValueError: the landmarker has another number of points.

    """

    name = "contour"

    def __init__(self, landmarker: Landmarker, *, area: bool = True) -> None:
        if landmarker.count != 68:
            raise ValueError(f"the contour needs 68 points, {landmarker.name} has others")
        self._landmarker = landmarker
        self._area = area

    def find(self, image: RGBImage, faces: Faces) -> Eyes:
        """See :meth:`closeup.protocols.PupilFinder.find`."""
        points = self._landmarker.find(image, faces).astype(np.float64)
        found = [self._pair(image, face, own) for face, own in zip(faces, points, strict=True)]
        return joined(image, found)

    def show(self, image: RGBImage, face: Faces) -> tuple[Steps, Steps]:
        """See :meth:`closeup.pupils.method.PupilMethod.show`."""
        steps = Steps(), Steps()
        points = self._landmarker.find(image, face)[0].astype(np.float64)
        frame = EyeFrame.of(points)
        if frame.distance >= 1:
            crops, hidden = eye_crops(image, frame, CropShape()), why_hidden(image, face, frame)
            for own, crop, rows, reason in zip(steps, crops, _CONTOURS, hidden, strict=True):
                self._show(own, crop, points[rows], reason)
        return steps

    def _pair(
        self, image: RGBImage, face: Faces, points: NDArray[np.float64]
    ) -> tuple[Located, Located]:
        frame = EyeFrame.of(points)
        hidden = why_hidden(image, face, frame)
        if all(hidden):
            return Located(None, reason=hidden[0]), Located(None, reason=hidden[1])
        crops = eye_crops(image, frame, CropShape())
        right, left = (
            Located(None, reason=reason) if reason else self._located(points[rows], crop)
            for rows, reason, crop in zip(_CONTOURS, hidden, crops, strict=True)
        )
        return right, left

    def _located(self, contour: NDArray[np.float64], crop: EyeCrop) -> Located:
        unclear = why_unclear(crop)
        if unclear:
            return Located(None, reason=unclear)
        openness = lid_openness(contour)
        if openness == 0:
            return Located(None, openness=0.0, reason="the eye is closed")
        centre = self._centre(contour)
        dark = darkness(grey(crop, reflections_removed=True))
        x, y = crop.to_crop(centre).tolist()
        return Located(centre, clearness(dark, (x, y), crop.unit), openness)

    def _centre(self, contour: NDArray[np.float64]) -> NDArray[np.float64]:
        return centroid(contour) if self._area else contour.mean(axis=0)

    def _show(self, steps: Steps, crop: EyeCrop, contour: NDArray[np.float64], hidden: str) -> None:
        drawn = crop.pixels.copy()
        corners = np.rint(crop.to_crop(contour)).astype(np.int32)
        cv2.polylines(drawn, [corners], isClosed=True, color=(255, 255, 0))
        steps.show("eye", crop.pixels)
        steps.show("contour", drawn)
        located = Located(None, reason=hidden) if hidden else self._located(contour, crop)
        if located.point is None:
            steps.show(located.reason, crop.pixels)
        else:
            x, y = crop.to_crop(located.point).tolist()
            steps.show("result", crop.pixels, (x, y))


def centroid(polygon: NDArray[np.floating]) -> NDArray[np.float64]:
    """Centroid of the area of a polygon of (k, 2) points; their mean if the area is about 0.

    ``Σ (p + q)·(p × q) / (3·Σ (p × q))`` over the edges from p to q, relative to the mean.
    """
    mean = polygon.mean(axis=0, dtype=np.float64)
    p = polygon - mean
    q = np.roll(p, -1, axis=0)
    crosses = p[:, 0] * q[:, 1] - p[:, 1] * q[:, 0]
    area = crosses.sum()
    if abs(area) < 1e-3 * (np.ptp(p, axis=0) ** 2).sum() or area == 0:
        return np.asarray(mean)
    return np.asarray(mean + ((p + q) * crosses[:, None]).sum(axis=0) / (3 * area))


def lid_openness(contour: NDArray[np.floating]) -> float:
    """Openness from 0 (closed) to 1 (wide open); see :func:`aspect_ratio` for the argument."""
    return float(np.clip((aspect_ratio(contour) - _CLOSED) / (_OPEN - _CLOSED), 0, 1))


def aspect_ratio(contour: NDArray[np.floating]) -> float:
    """Mean distance of the lids over the distance of the corners; 0 if the corners coincide.

    Args:
        contour: (6, 2) points of one eye in dlib's order: corner, two of the upper lid,
            corner, two of the lower lid.

    """
    first, upper, upper2, last, lower2, lower = contour
    width = float(np.linalg.norm(last - first))
    if width < 1e-9:
        return 0.0
    lids = np.linalg.norm(upper - lower) + np.linalg.norm(upper2 - lower2)
    return float(lids) / (2 * width)
