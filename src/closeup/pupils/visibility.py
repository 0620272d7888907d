"""Visibility checks: eyes without a visible iris, for which no method is run."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.identity.quality import nose_aside
from closeup.pupils.eye_crops import EyeCrop
from closeup.pupils.eye_frame import EyeFrame

_LEAST_DISTANCE = 6.0
"""Least distance between the eyes in pixels; an iris of one pixel has no centre."""
OUTSIDE = "outside the picture"
"""The reason of an eye outside the picture."""
LYING = "the head lies on its side"
"""The reason of the eyes of a head whose roll cannot be told."""

_IRIS = 0.1
"""Half the width of an iris, in eye distances."""
_EYE = 0.2, 0.15
"""Half the width and height of the part of a crop with lids and iris, in eye distances."""


@dataclass(frozen=True, slots=True)
class Demands:
    """Limits of the visibility checks. The defaults suit the methods by darkness and contour.

    Attributes:
        profile: Largest value of :func:`closeup.identity.quality.nose_aside`; beyond, one eye is
            behind the nose.
        apart: Largest distance, in eye distances, of the detector's eye from the centre between
            the corners: on LFW rarely above 0.2; beyond the default, no pupil was right.
        contrast: Least standard deviation of grey levels in the centre of a crop. Of 2,000 eyes
            of LFW, six have less, all behind dark glasses.

    """

    profile: float = 0.9
    apart: float = 0.3
    contrast: float = 8.0


USUAL = Demands()

OF_NETWORKS = Demands(profile=1.2, apart=0.45)
"""Less strict than for methods by darkness, since the crop shows the surroundings of the eye. On
3,361 training photos, with networks not trained on the person, eyes between both limits were right
within 0.05 in 9 of 12 cases, and within 0.12 in all; beyond these limits, errors reach 0.2 and
more. Halves of faces, cut by an edge, agree: with corners 0.3 to 0.45 off, the better eye was right
in 16 of 29, up to 0.6 in 4 of 20, beyond in none of 95. Dark glasses fail the contrast check."""


def why_hidden(
    image: RGBImage, face: Faces, frame: EyeFrame, demands: Demands = USUAL
) -> tuple[str, str]:
    """Reasons why the right and the left eye are not visible; empty strings if they may be.

    Args:
        image: (H, W, 3), the whole picture.
        face: One face. The detector's points, if any, give its pose, and the eyes of a face that
            the picture's edge cuts: corners are always found on the visible part of it.
        frame: Positions of its eyes.
        demands: Limits of the method.

    """
    if face.lying[0]:
        return LYING, LYING
    if frame.distance < _LEAST_DISTANCE:
        small = f"the eyes are less than {_LEAST_DISTANCE:.0f} pixels apart"
        return small, small
    if face.landmarks is not None and nose_aside(face.landmarks[0]) > demands.profile:
        return "the face is in profile", "the face is in profile"
    corners = np.array([frame.right, frame.left])
    eyes = corners if face.landmarks is None else face.landmarks[0, :2]
    margin = _IRIS * frame.distance
    reasons = [
        "" if within(image, corner, margin) and within(image, eye, margin) else OUTSIDE
        for corner, eye in zip(corners, eyes, strict=True)
    ]
    if np.linalg.norm(eyes - corners, axis=1).max() > demands.apart * frame.distance:
        reasons = [reason or "the corners of the eye cannot be found" for reason in reasons]
    return reasons[0], reasons[1]


def within(image: RGBImage, place: NDArray[np.floating], margin: float = 0.0) -> bool:
    """Whether ``place`` (2,), x and y, is in the picture, ``margin`` pixels or more inside."""
    size = np.array(Size.of(image))
    return bool(np.all((place + 0.5 >= margin) & (place + 0.5 <= size - margin)))


def why_unclear(crop: EyeCrop, demands: Demands = USUAL) -> str:
    """Reason why no iris is visible in the crop of an eye; empty if one may be."""
    gray = cv2.cvtColor(crop.pixels, cv2.COLOR_RGB2GRAY)
    height, width = gray.shape
    across, down = (round(half * crop.unit) for half in _EYE)
    rows = slice(max(0, height // 2 - down), height // 2 + down + 1)
    columns = slice(max(0, width // 2 - across), width // 2 + across + 1)
    if float(gray[rows, columns].std()) < demands.contrast:
        return "no contrast: dark glasses, something before the eye, or too little light"
    return ""
