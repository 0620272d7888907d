"""Quality of a face for recognition: sharpness, pose, and the weight of its embedding."""

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
"""Values of :func:`turned` up to which a face has full weight, and from which it has none."""


def sharpness(chip: RGBImage) -> float:
    """Variance of the Laplacian of the grey chip (Pech-Pacheco et al., ICPR 2000).

    A small face becomes blurred when it is enlarged to a chip, so the value also reflects size.
    """
    gray = cv2.cvtColor(chip, cv2.COLOR_RGB2GRAY)
    return float(cv2.Laplacian(gray, cv2.CV_32F).var())


_FINE, _COARSE = 1 / 150, 3 / 150
"""Standard deviations of the two filters of :func:`detail`, in widths of the chip: a face's eyes,
nostrils and lips lie between them, noise below."""
_NOISE = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)


def contrast(chip: RGBImage) -> float:
    """Contrast of the middle of the chip: how many times its noise its luma varies.

    It is the standard deviation of the luma divided by ``sqrt(noise² + 1)``: one grey level is
    lost by rounding, and ``noise`` is the estimate of Immerkær (Computer Vision and Image
    Understanding, 1996), in grey levels. Neither depends on how light the skin is.

    Args:
        chip: The aligned face, (H, W, 3) RGB uint8.

    """
    luma = middle_luma(chip)
    rough = cv2.filter2D(luma, cv2.CV_32F, _NOISE)[1:-1, 1:-1]
    noise = float(np.abs(rough).mean()) * math.sqrt(math.pi / 2) / 6
    return float(luma.std()) / math.hypot(noise, 1)


def detail(chip: RGBImage) -> float:
    """Share of the details of a face in the contrast of the middle of the chip, 0 to 1.

    It is the standard deviation of the luma between two Gaussian filters, relative to that of the
    luma itself. It falls with blur and does not depend on the light, as :func:`sharpness` does.

    Args:
        chip: The aligned face, (H, W, 3) RGB uint8.

    Returns:
        The share; 0 if the luma is the same everywhere.

    """
    luma, width = middle_luma(chip), chip.shape[1]
    fine, coarse = (cv2.GaussianBlur(luma, (0, 0), width * s) for s in (_FINE, _COARSE))
    return float((fine - coarse).std()) / max(float(luma.std()), 1e-3)


def middle_luma(chip: RGBImage) -> NDArray[np.float32]:
    """Luma of the middle half of the chip in both directions, 0 to 255."""
    height, width = chip.shape[:2]
    middle = chip[height // 4 : -(height // 4), width // 4 : -(width // 4)]
    return cv2.cvtColor(np.ascontiguousarray(middle), cv2.COLOR_RGB2GRAY).astype(np.float32)


def turned(points: NDArray[np.float32]) -> float:
    """How far a head is turned aside: 0 for frontal, 1 for profile.

    It is :func:`nose_aside` limited to 1, the value at which the nose is level with one eye.

    Args:
        points: (5, 2) x and y of right eye, left eye, nose, mouth corners, in pixels.

    """
    return min(1.0, nose_aside(points))


def nose_aside(points: NDArray[np.float32]) -> float:
    """Distance of the nose tip from the middle between the eyes, in half eye distances.

    It is measured along the line of the eyes: 1 is level with one eye, more is beyond it; infinite
    if both eyes are in one place.

    Args:
        points: (5, 2) as for :func:`turned`.

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
    """Weight of a face's embedding, from 0 (ignored) to 1.

    It is the inverse of the variance expected from the face's height and sharpness, relative to
    that of the best faces; 0 in profile, where an aligned chip does not show a whole face.

    Args:
        height: Height of the face box in source pixels.
        chip: The aligned face, (H, W, 3) RGB uint8.
        points: (5, 2) feature points as for :func:`turned`; None if the detector gives none.
        variance: Variance model of the embedder that the chip is for.

    """
    aside = 0.0 if points is None else (turned(points) - FRONTAL) / (PROFILE - FRONTAL)
    return float(variance.precision(height, sharpness(chip)) * (1 - np.clip(aside, 0, 1)))


def weights(faces: Faces, chips: Sequence[RGBImage], variance: FaceVariance) -> list[float]:
    """The :func:`weight` of each face; ``chips`` are the aligned faces in the same order."""
    points = [None] * len(faces) if faces.landmarks is None else list(faces.landmarks)
    heights = (faces.boxes[:, 3] - faces.boxes[:, 1]).tolist()
    return [weight(*row, variance) for row in zip(heights, chips, points, strict=True)]
