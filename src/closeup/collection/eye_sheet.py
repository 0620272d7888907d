"""Eye crops with their labels, as one picture to look at."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.drawing.crosses import draw_cross
from closeup.drawing.marks import PLAIN
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.pupils.eye_crops import in_pixels

_REACH = 0.06
"""Length of a cross's arm, as a share of the crop's width."""


def draw_sheet(
    crops: NDArray[np.uint8], labels: NDArray[np.floating], abreast: int, scale: int = 1
) -> RGBImage:
    """Crops with their crosses, in rows, white where the last row is not full.

    Args:
        crops: (n, H, W, 3) RGB uint8, at least one.
        labels: (n, 2) places of the crosses, 0..1, or (n, k, 2) of k crosses each; NaN for none.
        abreast: Crops in a row.
        scale: How many times as large they are drawn.

    """
    count, height, width = crops.shape[:3]
    tile = Size(scale * width, scale * height)
    abreast = min(abreast, count)
    lines = -(-count // abreast)
    tiles = np.full((lines * abreast, tile.height, tile.width, 3), 255, np.uint8)
    places = in_pixels(labels, tile).reshape(count, -1, 2)
    for target, crop, own in zip(tiles, crops, places, strict=False):
        target[:] = cv2.resize(crop, tile, interpolation=cv2.INTER_CUBIC)
        for place in own[np.isfinite(own).all(axis=1)]:
            draw_cross(target, place, _REACH * tile.width, PLAIN)
    rows = tiles.reshape(lines, abreast, tile.height, tile.width, 3).swapaxes(1, 2)
    return np.ascontiguousarray(rows.reshape(lines * tile.height, abreast * tile.width, 3))
