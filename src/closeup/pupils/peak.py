"""A maximum between pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def peak(values: NDArray[np.floating]) -> tuple[float, float] | None:
    """Place (x, y) of the maximum of an (H, W) array, by a parabola through its neighbours.

    None where the maximum lies on the border: there it is that of something outside.
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
