"""How much a face is worth for knowing who it is."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.embedding_calibration import FaceVariance
from closeup.faces import Faces
from closeup.frames import RGBImage

FRONTAL, PROFILE = 0.25, 0.75
"""As :func:`turned` measures: up to the one a face counts in full, from the other on not at all."""


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


def weight(
    height: float,
    chip: RGBImage,
    points: NDArray[np.float32] | None,
    variance: FaceVariance,
) -> float:
    """How much the embedding of a face should count, from 0 (not at all) to 1.

    The inverse of the variance that its height and sharpness let expect, in units of the best
    face's; nothing in profile, where the chip is no face.

    Args:
        height: Of the face box, in source pixels.
        chip: The aligned face.
        points: (5, 2) feature points, None where the detector gives none.
        variance: Of the embedder that the chip is for.

    """
    aside = 0.0 if points is None else (turned(points) - FRONTAL) / (PROFILE - FRONTAL)
    return float(variance.precision(height, sharpness(chip)) * (1 - np.clip(aside, 0, 1)))


def weights(faces: Faces, chips: Sequence[RGBImage], variance: FaceVariance) -> list[float]:
    """The :func:`weight` of each face; ``chips`` are its faces' aligned pictures, in order."""
    points = [None] * len(faces) if faces.landmarks is None else list(faces.landmarks)
    heights = (faces.boxes[:, 3] - faces.boxes[:, 1]).tolist()
    return [weight(*row, variance) for row in zip(heights, chips, points, strict=True)]
