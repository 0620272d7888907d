"""How much a face is worth for knowing who it is."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.frames import RGBImage

_USEFUL_HEIGHT = 24.0
_FULL_HEIGHT = 80.0
_BLURRED = 8.0
_SHARP = 60.0
_PROFILE = 0.75


def sharpness(chip: RGBImage) -> float:
    """Variance of the Laplacian of the grey chip (Pech-Pacheco et al., ICPR 2000).

    A small face is blurred once it is enlarged to a chip, so size counts in here too.
    """
    gray = cv2.cvtColor(chip, cv2.COLOR_RGB2GRAY)
    return float(cv2.Laplacian(gray, cv2.CV_32F).var())


def turned(points: NDArray[np.float32]) -> float:
    """How far a head is turned aside: 0 from the front, 1 in profile.

    The nose tip leaves the middle between the eyes by as much, measured along the line of
    the eyes in half eye distances.

    Args:
        points: (5, 2) right eye, left eye, nose, corners of the mouth, in pixels.

    """
    right, left, nose = points[:3].astype(np.float64)
    axis = left - right
    length = float(np.linalg.norm(axis))
    if length < 1e-6:
        return 1.0
    along = float((nose - (right + left) / 2) @ axis) / length
    return min(1.0, abs(along) / (length / 2))


def weight(height: float, chip: RGBImage, points: NDArray[np.float32] | None) -> float:
    """How much the embedding of a face should count, from 0 (not at all) to 1.

    Args:
        height: Of the face box, in source pixels.
        chip: The aligned face.
        points: (5, 2) feature points, None where the detector gives none.

    """
    size = _ramp(height, _USEFUL_HEIGHT, _FULL_HEIGHT)
    clear = _ramp(np.log(sharpness(chip) + 1e-6), np.log(_BLURRED), np.log(_SHARP))
    frontal = 1.0 if points is None else 1 - _ramp(turned(points), 0.25, _PROFILE)
    return float(max(0.0, 0.2 + 0.8 * size) * max(0.1, clear) * frontal)


def _ramp(value: float, low: float, high: float) -> float:
    return float(np.clip((value - low) / (high - low), 0, 1))
