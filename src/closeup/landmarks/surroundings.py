"""Cuts the surroundings of one face out of a picture."""

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


def cut_out_repeating(
    image: RGBImage, first: NDArray[np.floating], last: NDArray[np.floating]
) -> tuple[RGBImage, NDArray[np.int64]]:
    """Like :func:`cut_out`, but never clipped: beyond the picture its border is repeated.

    Args:
        image: (H, W, 3), not empty.
        first: (2,) x and y of the first corner; fractions are rounded outward.
        last: (2,) x and y of the last corner, likewise.

    Returns:
        A contiguous picture, and (2,) the position of its first pixel, which may be negative.

    """
    size = Size.of(image)
    origin, end = np.floor(first).astype(np.int64), np.ceil(last).astype(np.int64)
    if (origin >= 0).all() and (end < size).all():
        return cut_out(image, first, last)
    rows, columns = (
        np.clip(np.arange(origin[axis], end[axis] + 1), 0, size[axis] - 1) for axis in (1, 0)
    )
    return np.ascontiguousarray(image[rows[:, None], columns]), origin
