"""The openness of eyes as log-odds, which still grow where the openness is almost 1.

Pupil networks limit the openness to 0..1 by a logistic function; its inverse shows by how much an
eye is wider than usual.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

_LEAST = 0.002
"""Least openness, and least distance from 1, that is distinguished."""


def log_odds(openness: ArrayLike) -> NDArray[np.float64]:
    """Natural logarithm of ``o / (1 - o)``; NaN for NaN.

    Args:
        openness: From 0 to 1, of any shape.

    """
    limited = np.clip(np.asarray(openness, np.float64), _LEAST, 1 - _LEAST)
    return np.asarray(np.log(limited / (1 - limited)))


def openness_of(odds: NDArray[np.floating]) -> NDArray[np.float64]:
    """The inverse of :func:`log_odds`."""
    return np.asarray(1 / (1 + np.exp(-odds)), np.float64)
