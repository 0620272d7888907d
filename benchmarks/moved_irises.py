"""Photos of faces whose irises were moved by a known amount: a gaze with truth."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.frames import RGBImage
from closeup.pupils.eye_frame import EyeFrame

_IRIS = 0.1
"""Radius around a pupil that moves as a whole, in eye distances: an iris with its rim."""
_STILL = 0.21
"""Radius from which nothing moves: about where the corners of the eye are."""


def with_moved_irises(
    image: RGBImage, pupils: NDArray[np.floating], offset: NDArray[np.floating]
) -> RGBImage:
    """A copy of a photo with both irises moved alike; skin and lids around them stretch smoothly.

    Each place is filled from where its content was: the whole way back within an iris, less
    and less towards the corners of the eye (a cubic step). Up to 0.07 eye distances nothing folds.

    Args:
        image: (H, W, 3) RGB uint8.
        pupils: (2, 2) the middles of the irises, the subject's right eye first, in pixels.
        offset: (2,) across the face and down it, in eye distances.

    """
    frame = EyeFrame(*pupils.astype(np.float64))
    moves = frame.moved(np.tile(offset, (2, 1)))
    height, width = image.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float64), np.arange(height, dtype=np.float64))
    from_x, from_y = x.copy(), y.copy()
    for pupil, move in zip(pupils, moves, strict=True):
        far = np.hypot(*(grid - at for grid, at in zip((x, y), pupil + move, strict=True)))
        nearness = np.clip((_STILL - far / frame.distance) / (_STILL - _IRIS), 0, 1)
        share = nearness**2 * (3 - 2 * nearness)
        from_x -= share * move[0]
        from_y -= share * move[1]
    moved = cv2.remap(
        image,
        from_x.astype(np.float32),
        from_y.astype(np.float32),
        cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(moved, np.uint8)
