"""Crosses that mark a place to a fraction of a pixel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from closeup.drawing.colours import Colour
from closeup.frames import RGBImage

_LEAST_REACH = 3.0
_SLENDER = 8
"""An arm is so many times as long as it is wide."""

_LEAST_WIDTH = 1.5
"""Pixels; between two columns a narrower line is nothing but shade."""

_RIM: Colour = (0, 0, 0)


def draw_cross(image: RGBImage, point: NDArray[np.floating], reach: float, colour: Colour) -> None:
    """Draw an upright cross with a dark rim, so that it shows on any eye.

    Each pixel takes the share of the colour that the cross covers of it; a cross between two
    columns shows in both. What lies outside the picture is left away.

    Args:
        image: (H, W, 3) RGB uint8; is drawn on.
        point: (2,) x and y of the middle, finite.
        reach: Length of an arm in pixels; at least three are drawn.
        colour: Of the cross.

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
    """Share of a pixel ``far`` from the middle that a bar of half such a width covers."""
    return np.clip(half + 0.5 - far, 0, 1)
