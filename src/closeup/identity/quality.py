"""How much a face is worth for knowing who it is."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.frames import RGBImage

# Squared relative distance of a probe to its person's centroid on LFW's development set, probes
# made small and blurred: about 0.06 for the best faces, and this much more for worse ones.
_BEST = 0.06
_FULL_HEIGHT = 90.0
_PER_LOG_HEIGHT = 0.053
_FULL_SHARPNESS = 15.0
_PER_LOG_SHARPNESS = 0.012
_FRONTAL, _PROFILE = 0.25, 0.75


def sharpness(chip: RGBImage) -> float:
    """Variance of the Laplacian of the grey chip (Pech-Pacheco et al., ICPR 2000).

    A small face is blurred once it is enlarged to a chip, so size counts in here too.
    """
    gray = cv2.cvtColor(chip, cv2.COLOR_RGB2GRAY)
    return float(cv2.Laplacian(gray, cv2.CV_32F).var())


def turned(points: NDArray[np.float32]) -> float:
    """How far a head is turned aside: 0 from the front, 1 in profile.

    What :func:`nose_aside` measures, 1 from where the nose is over one eye.

    Args:
        points: (5, 2) right eye, left eye, nose, corners of the mouth, in pixels.

    """
    return min(1.0, nose_aside(points))


def nose_aside(points: NDArray[np.float32]) -> float:
    """How far the nose tip is from the middle between the eyes, in half eye distances.

    Measured along the line of the eyes: 1 is over one of them, more beyond it; infinite for
    eyes in one place.

    Args:
        points: As :func:`turned` takes them.

    """
    right, left, nose = points[:3].astype(np.float64)
    axis = left - right
    length = float(np.linalg.norm(axis))
    if length < 1e-6:
        return math.inf
    along = float((nose - (right + left) / 2) @ axis) / length
    return abs(along) / (length / 2)


def weight(height: float, chip: RGBImage, points: NDArray[np.float32] | None) -> float:
    """How much the embedding of a face should count, from 0 (not at all) to 1.

    The inverse of the variance that its height and sharpness let expect, in units of the best
    face's; nothing in profile, where the chip is no face.

    Args:
        height: Of the face box, in source pixels.
        chip: The aligned face.
        points: (5, 2) feature points, None where the detector gives none.

    """
    worse = _PER_LOG_HEIGHT * _log_ratio(_FULL_HEIGHT, height)
    worse += _PER_LOG_SHARPNESS * _log_ratio(_FULL_SHARPNESS, sharpness(chip))
    aside = 0.0 if points is None else (turned(points) - _FRONTAL) / (_PROFILE - _FRONTAL)
    return float(_BEST / (_BEST + worse) * (1 - np.clip(aside, 0, 1)))


def _log_ratio(full: float, value: float) -> float:
    return float(np.log(full / np.clip(value, 1e-3, full)))
