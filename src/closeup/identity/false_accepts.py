"""How often two people are taken for one, by the distance up to which they are.

Measured on the 4,038 people of LFW's development set (View 1), all against all, with mirrored
means at relative distances: ``benchmarks/calibrate_identity.py``. It hardly depends on how
small, dark or blurred a face is, since its distance is measured against the crowd around it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_RATES = np.array([0.9, 0.5, 0.2, 0.1, 0.03, 0.01, 3e-3, 1e-3, 3e-4, 1e-4, 1e-5, 1e-6])
_DISTANCES = np.array(
    [0.64, 0.557, 0.504, 0.478, 0.444, 0.42, 0.398, 0.3805, 0.363, 0.348, 0.321, 0.294]
)
"""Of a single photo to a single photo; ``_RATES`` of the pairs of two people are nearer."""
_NEARER = 0.0175
"""A centroid of many photos is this much nearer to strangers than one of them."""


def false_accept_rate(
    distances: NDArray[np.floating] | float, photos: NDArray[np.int64] | int = 1
) -> NDArray[np.float64]:
    """Share of strangers that are at most so far from a person.

    Args:
        distances: Relative distances between a photo and a person's centroid, any shape.
        photos: That the centroid is made of, of a shape that fits.

    Returns:
        In 0..1, in the shape of ``distances``.

    """
    of_one = np.asarray(distances, np.float64) + _shift(photos)
    logs = np.interp(of_one, _DISTANCES[::-1], np.log(_RATES)[::-1])
    slope = np.log(_RATES[-2] / _RATES[-1]) / (_DISTANCES[-2] - _DISTANCES[-1])
    beyond = np.minimum(of_one - _DISTANCES[-1], 0) * slope
    return np.where(of_one > _DISTANCES[0], 1.0, np.exp(logs + beyond))


def distance_at(rate: float, photos: int = 1) -> float:
    """The relative distance below which so many strangers are.

    Args:
        rate: Share of strangers, from 1e-6 to 0.9.
        photos: That a centroid is made of.

    Raises:
        ValueError: ``rate`` is outside of what was measured.

    """
    if not _RATES[-1] <= rate <= _RATES[0]:
        raise ValueError(f"rate must be {_RATES[-1]:g} to {_RATES[0]:g}, got {rate:g}")
    of_one = np.interp(np.log(rate), np.log(_RATES)[::-1], _DISTANCES[::-1])
    return float(of_one - _shift(photos))


def _shift(photos: NDArray[np.int64] | int) -> NDArray[np.float64]:
    return np.asarray(_NEARER * (1 - 1 / np.asarray(photos, np.float64)))
