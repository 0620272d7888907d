"""What a distance between a tracklet and a member means, as odds.

A logistic regression, fitted by ``benchmarks/calibrate_identity.py`` on the 4,038 people of
LFW's development set (View 1). Enrolment photos are used as they are, probes are made as
small, dark, blurred and compressed as faces on a stage; four of five impostors are random
people, one is among the sixty that look most like the probe.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_CONSTANT = 19.227
_PER_DISTANCE = -56.953
_PER_PHOTO = 1.224
"""Times 1 / photos: a centroid of few photos is further from everybody."""
_PER_NOISE = -3.182
_PER_NOISY_DISTANCE = 13.513

_MOST_PROBES = 1.5
"""Faces of one tracklet resemble each other: many say little more than this many that do not."""
_CAP = 12.0


def log_likelihood_ratio(
    distances: NDArray[np.float32], photos: NDArray[np.int64], probes: float
) -> NDArray[np.float64]:
    """Log odds of "the same person" against "somebody else" for distances to centroids.

    Args:
        distances: (m,) relative distances of the probes' mean to each centroid.
        photos: (m,) photos that each centroid is made of.
        probes: Total weight of the faces behind the probes' mean, above 0.

    Returns:
        (m,) natural logarithms, within ±12.

    """
    noise = 1 / (min(probes, _MOST_PROBES) + 0.25)
    odds = (
        _CONSTANT
        + _PER_DISTANCE * distances
        + _PER_PHOTO / photos
        + noise * (_PER_NOISE + _PER_NOISY_DISTANCE * distances)
    )
    return np.clip(odds.astype(np.float64), -_CAP, _CAP)
