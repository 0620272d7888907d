"""Eyes that no method should be asked about."""

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
"""Pixels between the eyes; an iris of one pixel has no centre."""
OUTSIDE = "outside the picture"
"""A reason."""

_IRIS = 0.1
"""Half the width of an iris, in eye distances."""
_EYE = 0.2, 0.15
"""Half the width and height of the middle of a crop that lids and iris fill, in eye distances."""


@dataclass(frozen=True, slots=True)
class Demands:
    """What an eye must be like for a method to be asked. The defaults suit the classic ones.

    Attributes:
        profile: Most that :func:`closeup.identity.quality.nose_aside` may measure: beyond, one
            eye is behind the nose.
        apart: Most eye distances between the detector's eye and the middle of the corners: on
            LFW seldom more than 0.2, and never with a right pupil beyond this.
        contrast: Least standard deviation of grey levels in the middle of a crop. Of 2,000 eyes
            of LFW six have less, all behind dark glasses.

    """

    profile: float = 0.9
    apart: float = 0.3
    contrast: float = 8.0


USUAL = Demands()


def why_unseen(
    image: RGBImage, face: Faces, frame: EyeFrame, demands: Demands = USUAL
) -> tuple[str, str]:
    """Why the right and the left eye cannot be seen; empty strings where they may be.

    Args:
        image: (H, W, 3), the whole picture.
        face: The one face; where the detector gives points, they tell its pose, and where the eyes
            of a face are that is cut by the edge: corners are always found on what is left of it.
        frame: Where its eyes are.
        demands: Of the method.

    """
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
    """Whether (2,) x and y are on the picture, and so many pixels from its edge."""
    size = np.array(Size.of(image))
    return bool(np.all((place + 0.5 >= margin) & (place + 0.5 <= size - margin)))


def why_unclear(crop: EyeCrop, demands: Demands = USUAL) -> str:
    """Why there is no iris to be seen in an eye's crop; empty where there may be one."""
    gray = cv2.cvtColor(crop.pixels, cv2.COLOR_RGB2GRAY)
    height, width = gray.shape
    across, down = (round(half * crop.unit) for half in _EYE)
    rows = slice(max(0, height // 2 - down), height // 2 + down + 1)
    columns = slice(max(0, width // 2 - across), width // 2 + across + 1)
    if float(gray[rows, columns].std()) < demands.contrast:
        return "no contrast: dark glasses, something before the eye, or too little light"
    return ""
