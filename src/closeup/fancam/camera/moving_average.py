"""The plain way to smooth a camera's path, kept to compare the optimal one with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from closeup.fancam.camera.clock import CLOCK_ERROR

WINDOW = 1.0
"""Seconds over which positions are averaged."""


def moving_average(
    values: NDArray[np.float64], times: NDArray[np.float64], window: float = WINDOW
) -> NDArray[np.float64]:
    """Mean of all values at most half a window away in time.

    Near the ends the window shrinks to what there is.

    Args:
        values: (n,) or (n, k), one row a frame.
        times: (n,) seconds, increasing; the spacing may vary.
        window: Seconds.

    Returns:
        Averages in the shape of ``values``.

    """
    # Without the allowance, frames at the two ends would come and go with rounding.
    reach = window / 2 + CLOCK_ERROR
    first = np.searchsorted(times, times - reach, side="left")
    stop = np.searchsorted(times, times + reach, side="right")
    offset = values.mean(axis=0)
    sums = np.concatenate([np.zeros_like(values[:1]), np.cumsum(values - offset, axis=0)])
    counts = (stop - first).reshape(-1, *[1] * (values.ndim - 1))
    return np.asarray((sums[stop] - sums[first]) / counts + offset)
