"""Distances between the vectors of two photos."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from closeup.cohort import Cohort, unit_length


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
    steps = places[rows[:, 0]].astype(np.float64) - places[rows[:, 1]]
    apart = np.asarray(np.linalg.norm(steps, axis=1), np.float64)
    if cohort is None or distance is not Distance.RELATIVE:
        return apart
    return np.asarray(apart * cohort.scales(places)[rows].prod(axis=1), np.float64)
