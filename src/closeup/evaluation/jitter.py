"""How much found pupils tremble in a video of a face that is still or moves smoothly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

WINDOW = 9
"""Frames of one local fit."""

_NORMAL = 1.4826
"""Median absolute deviation to standard deviation, for normal errors."""


def residuals(places: NDArray[np.floating]) -> NDArray[np.float64]:
    """What is left of a track after a smooth movement is taken away.

    Around each frame a parabola is fitted to :data:`WINDOW` frames by least squares (Savitzky
    and Golay, Anal. Chem. 1964) and subtracted. The middle frame takes part in its own fit,
    which would make noise of variance 1 seem smaller by its weight of 59/231; that is made
    good, so white noise keeps its standard deviation.

    Args:
        places: (n, …) one row a frame; NaN where nothing was found.

    Returns:
        (n, …) float64; NaN where a frame of the window is missing, and at both ends.

    """
    weights = _middle_weights()
    half, left = WINDOW // 2, np.full(places.shape, np.nan)
    if len(places) >= WINDOW:
        windows = np.lib.stride_tricks.sliding_window_view(places.astype(np.float64), WINDOW, 0)
        apart = windows[..., half] - windows @ weights
        left[half : len(places) - half] = apart / np.sqrt(1 - weights[half])
    return left


def spread(values: NDArray[np.floating]) -> float:
    """Robust standard deviation about zero of all finite values; NaN where there is none.

    The median of the absolute values, scaled as for normal errors: a glance aside or a blink
    is an outlier and does not count as jitter.
    """
    known = np.abs(values[np.isfinite(values)])
    return _NORMAL * float(np.median(known)) if len(known) else float("nan")


def _middle_weights() -> NDArray[np.float64]:
    """Weights (WINDOW,) that give a fitted parabola's value at the middle frame."""
    steps = np.arange(WINDOW) - WINDOW // 2
    return np.asarray(np.linalg.pinv(np.vander(steps, 3))[2], np.float64)
