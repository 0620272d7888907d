"""Drawn eyes: a dark disc on skin, in a place that is known."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.geometry import Size
from closeup.pupils.eye_crops import in_pixels

SIZE = Size(64, 48)
_SHIFT = 4


def scattered(count: int, seed: int = 0) -> NDArray[np.float64]:
    """Labels as of people who mostly look ahead, a little above the middle; (n, 2)."""
    return np.random.default_rng(seed).normal((0.49, 0.46), (0.05, 0.04), (count, 2))


def draw_eyes(labels: NDArray[np.float64], size: Size = SIZE, seed: int = 0) -> NDArray[np.uint8]:
    """A noisy crop for each label; (n, H, W, 3)."""
    noise = np.random.default_rng(seed)
    crops = noise.normal(150, 12, (len(labels), size.height, size.width, 3))
    pictures = crops.clip(0, 255).astype(np.uint8)
    for crop, (x, y) in zip(pictures, in_pixels(labels, size).tolist(), strict=True):
        centre = round(x * 2**_SHIFT), round(y * 2**_SHIFT)
        cv2.circle(crop, centre, 5 << _SHIFT, (60, 40, 30), -1, cv2.LINE_AA, _SHIFT)
    return pictures


def sides(count: int) -> NDArray[np.bool_]:
    """Right and left eyes in turn."""
    return np.tile([False, True], -(-count // 2))[:count]
