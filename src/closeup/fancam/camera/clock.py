"""Times of frames as floats: their error, and the duration of a frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CLOCK_ERROR = 1e-6
"""Seconds by which times given as floats may differ from the exact ones."""

USUAL_INTERVAL = 1 / 30
"""Assumed duration in seconds of the frame of a video with only one."""


def frame_interval(times: NDArray[np.float64]) -> float:
    """Median time from one frame to the next, in seconds, of frames shown at ``times`` (n,)."""
    return float(np.median(np.diff(times))) if len(times) > 1 else USUAL_INTERVAL


def frame_edges(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Start of each of n frames and end of the last one, in seconds; shape (n + 1,)."""
    return np.append(times, times[-1] + frame_interval(times))
