"""Times of frames as floats: how far to trust them, and how long a frame lasts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CLOCK_ERROR = 1e-6
"""Seconds by which times given as floats may differ from the exact ones."""

USUAL_INTERVAL = 1 / 30
"""Seconds that the only frame of a video is taken to last."""


def frame_interval(times: NDArray[np.float64]) -> float:
    """Median time from one frame to the next, in seconds, of frames shown at ``times`` (n,)."""
    return float(np.median(np.diff(times))) if len(times) > 1 else USUAL_INTERVAL


def frame_edges(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """When each of n frames begins, and when the last one ends, in seconds; shape (n + 1,)."""
    return np.append(times, times[-1] + frame_interval(times))
