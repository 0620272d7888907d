"""Photos of faces with irises moved by a known amount: gaze with known truth."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.frames import RGBImage
from closeup.pupils.eye_frame import EyeFrame

_IRIS = 0.1
"""Radius around a pupil that moves rigidly, in eye distances: an iris with its rim."""
_STILL = 0.21
"""Radius outside which nothing moves, in eye distances: about the distance of the eye corners."""


def with_moved_irises(
    image: RGBImage, pupils: NDArray[np.floating], offset: NDArray[np.floating]
) -> RGBImage:
    """Return a photo with both irises moved equally; surrounding skin and lids stretch smoothly.

    Each pixel is sampled at its content's original position: the full offset within an iris,
    decreasing towards the eye corners (a cubic step). Offsets up to 0.07 eye distances do not fold.

    Args:
        image: (H, W, 3) RGB uint8.
        pupils: (2, 2) centres of the irises in pixels, the subject's right eye first.
        offset: (2,) horizontal and vertical in the face, in eye distances.

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
