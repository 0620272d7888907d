"""A maximum between pixels, and whether it is a spot or a line."""

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


def roundness(values: NDArray[np.floating], point: tuple[float, float]) -> float:
    """From 0 for a line, as of closed lashes, to 1 for a spot: ratio of the two curvatures.

    Args:
        values: (H, W), with a maximum at ``point``.
        point: (x, y), not on the border.

    """
    x, y = round(point[0]), round(point[1])
    part = values[y - 1 : y + 2, x - 1 : x + 2].astype(np.float64)
    across = part[1, 0] - 2 * part[1, 1] + part[1, 2]
    down = part[0, 1] - 2 * part[1, 1] + part[2, 1]
    mixed = (part[0, 0] + part[2, 2] - part[0, 2] - part[2, 0]) / 4
    small, large = np.sort(np.abs(np.linalg.eigvalsh([[across, mixed], [mixed, down]])))
    return float(small / large) if large > 0 else 0.0


def _vertex(before: float, at: float, after: float) -> float:
    curvature = before - 2 * at + after
    return 0.5 * (before - after) / curvature if curvature < 0 else 0.0
