"""Pupils by any method that looks at one eye at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from closeup.eyes import Eyes
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.protocols import Landmarker
from closeup.pupils.eye_crops import CropShape, EyeCrop, eye_crops
from closeup.pupils.eye_frame import EyeFrame
from closeup.pupils.method import EyeMethod, Located, Steps
from closeup.pupils.unseen import OUTSIDE, why_unclear, why_unseen, within

_LEAST_CONFIDENCE = 0.05
"""Of 3,000 eyes of LFW's training part a method is less sure of seven; one of them was right."""


class CropPupilFinder:
    """Cuts out each eye by a landmarker's points and asks a method where its pupil is.

    Args:
        method: Looks at one eye.
        landmarker: dlib's five or sixty-eight points.
        shape: Of the crops.

    """

    def __init__(
        self, method: EyeMethod, landmarker: Landmarker, shape: CropShape | None = None
    ) -> None:
        self.name = method.name
        self._method = method
        self._landmarker = landmarker
        self._shape = shape or CropShape()

    def find(self, image: RGBImage, faces: Faces) -> Eyes:
        """See :meth:`closeup.protocols.PupilFinder.find`."""
        points = self._landmarker.find(image, faces)
        found = [
            self._pair(image, face, EyeFrame.of(own))
            for face, own in zip(faces, points, strict=True)
        ]
        return joined(image, found)

    def show(self, image: RGBImage, face: Faces) -> tuple[Steps, Steps]:
        """Every step for the right and the left eye of one face; empty where nothing is cut."""
        steps = Steps(), Steps()
        frame = EyeFrame.of(self._landmarker.find(image, face)[0])
        if frame.distance >= 1:
            crops, unseen = eye_crops(image, frame, self._shape), why_unseen(image, face, frame)
            for own, crop, reason in zip(steps, crops, unseen, strict=True):
                self._show(own, crop, reason or why_unclear(crop))
        return steps

    def _show(self, steps: Steps, crop: EyeCrop, reason: str) -> None:
        if reason:
            steps.show("eye", crop.pixels)
            steps.show(reason, crop.pixels)
        else:
            self._method.locate(crop, steps)

    def _pair(self, image: RGBImage, face: Faces, frame: EyeFrame) -> tuple[Located, Located]:
        unseen = why_unseen(image, face, frame)
        if all(unseen):
            return Located(None, reason=unseen[0]), Located(None, reason=unseen[1])
        right, left = (
            Located(None, reason=reason) if reason else self._in_source(crop)
            for crop, reason in zip(eye_crops(image, frame, self._shape), unseen, strict=True)
        )
        return right, left

    def _in_source(self, crop: EyeCrop) -> Located:
        unclear = why_unclear(crop)
        if unclear:
            return Located(None, reason=unclear)
        located = self._method.locate(crop)
        if located.point is None:
            return located
        if located.confidence < _LEAST_CONFIDENCE:
            return Located(None, openness=located.openness, reason="no pupil stands out")
        place = crop.to_source(located.point)
        return Located(place, located.confidence, located.openness)


def joined(image: RGBImage, pairs: list[tuple[Located, Located]]) -> Eyes:
    """What was located in a picture, in its pixels, right eye first, as arrays.

    A point beyond the edge, where a crop is black, is none.
    """
    if not pairs:
        return Eyes.none()
    seen = [tuple(_on_picture(image, eye) for eye in pair) for pair in pairs]
    nowhere = np.full(2, np.nan)
    centres: list[list[NDArray[np.float64]]] = [
        [nowhere if eye.point is None else eye.point for eye in pair] for pair in seen
    ]
    return Eyes(
        np.array(centres, np.float32),
        np.array([[eye.openness for eye in pair] for pair in seen], np.float32),
        np.array([[eye.confidence for eye in pair] for pair in seen], np.float32),
        tuple((right.reason, left.reason) for right, left in seen),
    )


def _on_picture(image: RGBImage, eye: Located) -> Located:
    if eye.point is None or within(image, eye.point):
        return eye
    return Located(None, reason=OUTSIDE)
