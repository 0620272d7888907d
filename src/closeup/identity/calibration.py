"""What a distance between a tracklet and a member means, as odds.

Fitted by ``benchmarks/calibrate_identity.py`` on people of LFW View 1 (development set),
with the probes made as small, blurred and compressed as faces on a stage are; people of
View 2 are not among them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_SLOPE = 24.0
_NEUTRAL = 0.50
_ONE_PHOTO = 0.06
_ONE_PROBE = 0.06
_CAP = 12.0


def log_likelihood_ratio(
    distances: NDArray[np.float32], photos: NDArray[np.int64], probes: float
) -> NDArray[np.float64]:
    """Log odds of "the same person" against "somebody else" for distances to centroids.

    Args:
        distances: (m,) Euclidean distances of the probes' mean to each centroid.
        photos: (m,) photos that each centroid is made of; fewer allow a larger distance.
        probes: Total weight of the faces behind the probes' mean; less allows more distance.

    Returns:
        (m,) natural logarithms, within ±12.

    """
    neutral = _NEUTRAL + _ONE_PHOTO / photos + _ONE_PROBE / max(probes, 0.5)
    sharpness = min(1.0, 0.4 + 0.2 * probes)
    return np.clip(_SLOPE * sharpness * (neutral - distances), -_CAP, _CAP)
