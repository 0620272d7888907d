"""Cuts the surroundings of one face out of a large picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from closeup.frames import RGBImage
from closeup.geometry import Size


def cut_out(
    image: RGBImage, first: NDArray[np.floating], last: NDArray[np.floating]
) -> tuple[RGBImage, NDArray[np.int64]]:
    """Return the pixels from ``first`` to ``last``, both included, clipped to the picture.

    Args:
        image: (H, W, 3), not empty.
        first: (2,) x and y of the first corner; fractions are rounded outward.
        last: (2,) x and y of the last corner, likewise.

    Returns:
        A contiguous picture of at least one pixel, and (2,) the position of its first pixel.

    """
    limit = np.array(Size.of(image)) - 1
    origin = np.clip(np.floor(first), 0, limit).astype(np.int64)
    left, top = origin.tolist()
    right, bottom = np.clip(np.ceil(last).astype(np.int64), origin, limit).tolist()
    return np.ascontiguousarray(image[top : bottom + 1, left : right + 1]), origin
