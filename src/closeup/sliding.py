"""Filters over a window that slides along a sequence of numbers.

``scipy.ndimage`` has them, too, and takes longer to import than they take for a video.
"""

from __future__ import annotations

from typing import Literal, TypeVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Value = TypeVar("Value", bound=np.generic)


_BLOCK = 4096
"""Windows that are copied at once."""


def sliding_maximum(values: NDArray[Value], length: int) -> NDArray[Value]:
    """Return the greatest value of each window; shape (n,).

    Args:
        values: (n,) numbers or truth values, n > 0. They are mirrored at both ends.
        length: Number of values in a window, odd; the window of a value is centred on it.

    """
    return np.asarray(_windows(values, length).max(axis=1))


def sliding_minimum(values: NDArray[Value], length: int) -> NDArray[Value]:
    """Return the least value of each window; see :func:`sliding_maximum`."""
    return np.asarray(_windows(values, length).min(axis=1))


def sliding_median(values: NDArray[Value], length: int) -> NDArray[Value]:
    """Return the median of each window; see :func:`sliding_maximum`."""
    windows, middle = _windows(values, length), length // 2
    blocks = np.array_split(windows, len(windows) // _BLOCK + 1)
    return np.concatenate([np.partition(block, middle, axis=1)[:, middle] for block in blocks])


def sliding_mean(values: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """Return the mean of each window; as :func:`sliding_maximum`, but the end values go on."""
    return np.asarray(_windows(values, length, "edge").mean(axis=1))


def _windows(
    values: NDArray[Value], length: int, beyond: Literal["symmetric", "edge"] = "symmetric"
) -> NDArray[Value]:
    """Views of all windows; shape (n, length)."""
    return sliding_window_view(np.pad(values, length // 2, beyond), length)
