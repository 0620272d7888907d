"""Distances between the vectors of two photos."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from closeup.cohort import Cohort, unit_length

_PART = 100_000
"""Pairs whose differences are held in memory at once."""


class Distance(StrEnum):
    """Measures of the distance of two vectors."""

    UNIT = "unit"
    """Euclidean distance of the vectors scaled to unit length."""
    RAW = "raw"
    """Euclidean distance of the vectors without scaling."""
    RELATIVE = "relative"
    """The unit-length distance relative to the cohort; used by ``closeup verify`` and galleries."""


def pair_distances(
    vectors: NDArray[np.float32],
    rows: NDArray[np.int64],
    distance: Distance,
    cohort: Cohort | None,
) -> NDArray[np.float64]:
    """Distances of the two vectors of each pair; (p,) float64.

    Args:
        vectors: (n, d) one per photo.
        rows: (p, 2) indices into ``vectors``.
        distance: The measure.
        cohort: Cohort of the embedder, for relative distances; None: they are the unit-length
            distances.

    """
    places = vectors if distance is Distance.RAW else unit_length(vectors)
    apart = np.empty(len(rows), np.float64)
    for start in range(0, len(rows), _PART):
        some = rows[start : start + _PART]
        steps = places[some[:, 0]].astype(np.float64) - places[some[:, 1]]
        apart[start : start + _PART] = np.linalg.norm(steps, axis=1)
    if cohort is None or distance is not Distance.RELATIVE:
        return apart
    return np.asarray(apart * cohort.scales(places)[rows].prod(axis=1), np.float64)
