"""Maxima with sub-sample precision: of a picture, and of a curve."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def peak(values: NDArray[np.floating]) -> tuple[float, float] | None:
    """Position (x, y) of the maximum of an (H, W) array, by a parabola through its neighbours.

    None if the maximum lies on the border: it then belongs to an object outside.
    """
    height, width = values.shape
    row, column = np.unravel_index(int(values.argmax()), values.shape)
    y, x = int(row), int(column)
    if not (0 < x < width - 1 and 0 < y < height - 1):
        return None
    return (
        x + _vertex(*values[y, x - 1 : x + 2].tolist()),
        y + _vertex(*values[y - 1 : y + 2, x].tolist()),
    )


def _vertex(before: float, at: float, after: float) -> float:
    curvature = before - 2 * at + after
    return 0.5 * (before - after) / curvature if curvature < 0 else 0.0


def plateau_centre(values: NDArray[np.floating], share: float) -> float | None:
    """Centre of the run of high values around the maximum, with sub-sample precision.

    A sum over an iris is flat on top, so that the position of its maximum is unstable; the
    centre between the crossings of a level to the left and to the right is stable.

    Args:
        values: (n,) samples of the curve.
        share: The level, from 0 for the least value to 1 for the largest.

    Returns:
        Position in samples; None if the run reaches an end, as it then belongs to an object
        outside, or if the values are constant.

    """
    low, high = float(values.min()), float(values.max())
    level = low + share * (high - low)
    top = int(values.argmax())
    outside = np.flatnonzero(values < level)
    before, after = outside[outside < top], outside[outside > top]
    if not (len(before) and len(after)):
        return None
    left, right = int(before[-1]), int(after[0])
    rise = left + _crossing(float(values[left]), float(values[left + 1]), level)
    fall = right - _crossing(float(values[right]), float(values[right - 1]), level)
    return (rise + fall) / 2


def _crossing(below: float, above: float, level: float) -> float:
    return (level - below) / (above - below)
