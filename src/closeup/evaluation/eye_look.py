"""Measures of the visibility of an eye, taken at its true centre."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.frames import RGBImage
from closeup.pupils.eye_crops import CropShape, EyeCrop, eye_crops
from closeup.pupils.eye_frame import EyeFrame

_SHAPE = CropShape(unit=100, width=0.7, height=1.1, least=1)
_IRIS = 0.045
"""Standard deviation of a Gaussian that fits an iris, in eye distances."""
_STEP = 3
"""Pixels of the crop over which curvature is measured."""
_NOISE = 1.5
"""Pixels of the crop; smaller structures come from JPEG and upscaling."""


@dataclass(frozen=True, slots=True)
class EyeLook:
    """Appearance of an eye around its true centre.

    Attributes:
        distance: Distance between both true eyes, in pixels.
        brightness: Upper quartile of the eye over the mean of the cheek below: low behind
            dark glasses and in deep shade.
        sharpness: Variance of the Laplacian over the standard deviation, both of grey values.
        spot: 1 if the centre is a round dark spot, like an iris; 0 if it is a dark line, like
            closed lashes; negative if it is brighter than its surroundings.

    """

    distance: float
    brightness: float
    sharpness: float
    spot: float


def look_at(image: RGBImage, centres: NDArray[np.floating]) -> tuple[EyeLook, EyeLook]:
    """Measure both eyes of a face, the subject's right one first.

    Args:
        image: (H, W, 3) RGB uint8.
        centres: (2, 2) x and y of the true pupils, in pixels of the image; two distinct points.

    """
    frame = EyeFrame(*centres.astype(np.float64))
    right, left = (_look(crop, frame.distance) for crop in eye_crops(image, frame, _SHAPE))
    return right, left


def _look(crop: EyeCrop, distance: float) -> EyeLook:
    gray = cv2.cvtColor(crop.pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    height, width = gray.shape
    x, y = (width - 1) // 2, (height - 1) // 2
    eye = gray[y - 8 : y + 9, x - 21 : x + 22]
    cheek = gray[y + 33 : y + 52, x - 9 : x + 10]
    smooth = cv2.GaussianBlur(gray[y - 25 : y + 26], (0, 0), _NOISE)
    laplacian = float(cv2.Laplacian(smooth, cv2.CV_32F).var())
    return EyeLook(
        distance,
        float(np.percentile(eye, 75)) / max(1.0, float(cheek.mean())),
        laplacian / max(1.0, float(eye.std())),
        _spot(gray, x, y),
    )


def _spot(gray: NDArray[np.float32], x: int, y: int) -> float:
    blurred = cv2.GaussianBlur(gray, (0, 0), _IRIS * _SHAPE.unit)
    twice = 2 * float(blurred[y, x])
    across = float(blurred[y, x - _STEP] + blurred[y, x + _STEP]) - twice
    down = float(blurred[y - _STEP, x] + blurred[y + _STEP, x]) - twice
    most = max(abs(across), abs(down))
    return min(across, down) / most if most > 0 else 0.0
