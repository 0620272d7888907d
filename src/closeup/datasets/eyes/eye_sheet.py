"""Eye crops with their labels, drawn as one picture for inspection."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from closeup.drawing.crosses import draw_cross
from closeup.drawing.marks import PLAIN
from closeup.drawing.sheets import grid, scaled
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.pupils.eye_crops import in_pixels

_REACH = 0.06
"""Length of a cross's arm, as a share of the crop's width."""


def draw_sheet(
    crops: NDArray[np.uint8], labels: NDArray[np.floating], abreast: int, scale: int = 1
) -> RGBImage:
    """Draw crops with their crosses in rows; the rest of an incomplete last row is white.

    Args:
        crops: (n, H, W, 3) RGB uint8, at least one.
        labels: (n, 2) x and y of the crosses, 0..1, or (n, k, 2) for k crosses each; NaN for none.
        abreast: Number of crops in a row.
        scale: Factor by which the crops are enlarged.

    """
    tile = Size(scale * crops.shape[2], scale * crops.shape[1])
    places = in_pixels(labels, tile).reshape(len(crops), -1, 2)
    return grid([_tile(*row, tile) for row in zip(crops, places, strict=True)], abreast, gap=0)


def _tile(crop: NDArray[np.uint8], places: NDArray[np.floating], size: Size) -> RGBImage:
    tile = np.ascontiguousarray(scaled(crop, size))
    for place in places[np.isfinite(places).all(axis=1)]:
        draw_cross(tile, place, _REACH * size.width, PLAIN)
    return tile
