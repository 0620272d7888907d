"""Crosses that mark points with sub-pixel precision."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from closeup.drawing.colours import Colour
from closeup.frames import RGBImage

_LEAST_REACH = 3.0
_SLENDER = 8
"""Length of an arm over its width."""

_LEAST_WIDTH = 1.5
"""Pixels; a narrower line between two columns would only be a faint shade."""

_RIM: Colour = (0, 0, 0)


def draw_cross(image: RGBImage, point: NDArray[np.floating], reach: float, colour: Colour) -> None:
    """Draw an upright cross with a dark rim, so that it is visible on any eye.

    Each pixel is blended with the colour by the share that the cross covers of it; a cross
    between two columns is visible in both. Parts outside the picture are not drawn.

    Args:
        image: (H, W, 3) RGB uint8; it is modified.
        point: (2,) x and y of the middle in pixels, finite.
        reach: Length of an arm in pixels; at least 3 are drawn.
        colour: Colour of the cross.

    """
    reach = max(_LEAST_REACH, reach)
    half = max(_LEAST_WIDTH, reach / _SLENDER) / 2
    margin = reach + half + 2
    (height, width), (x, y) = image.shape[:2], point.tolist()
    left, right = (int(np.clip(x + side, 0, width)) for side in (-margin, margin + 1))
    top, bottom = (int(np.clip(y + side, 0, height)) for side in (-margin, margin + 1))
    part = image[top:bottom, left:right]
    across = np.abs(np.arange(left, right) - x)
    down = np.abs(np.arange(top, bottom) - y)[:, None]
    for ink, rim in ((_RIM, max(1.0, half)), (colour, 0.0)):
        arms = [
            _covered(along, reach + rim) * _covered(aside, half + rim)
            for along, aside in ((across, down), (down, across))
        ]
        share = np.maximum(*arms)[..., None]
        part[:] = np.rint(part * (1 - share) + np.array(ink) * share)


def _covered(far: NDArray[np.float64], half: float) -> NDArray[np.float64]:
    """Share of a pixel at distance ``far`` covered by a bar whose half width is ``half``."""
    return np.clip(half + 0.5 - far, 0, 1)
