"""How far the vectors of two photos are apart."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from closeup.cohort import Cohort, unit_length


class Distance(StrEnum):
    """How far two vectors are apart."""

    UNIT = "unit"
    """Euclidean, after both are scaled to unit length."""
    RAW = "raw"
    """Euclidean."""
    RELATIVE = "relative"
    """That of unit length, relative to the cohort: what ``closeup verify`` and galleries use."""


def pair_distances(
    vectors: NDArray[np.float32],
    rows: NDArray[np.int64],
    distance: Distance,
    cohort: Cohort | None,
) -> NDArray[np.float64]:
    """Distance of the two vectors of each pair; shape (p,).

    Args:
        vectors: (n, d) one a photo.
        rows: (p, 2) indices into them.
        distance: Which.
        cohort: Of the embedder that made the vectors, for relative distances; with None these
            are those of unit length.

    """
    places = vectors if distance is Distance.RAW else unit_length(vectors)
    steps = places[rows[:, 0]].astype(np.float64) - places[rows[:, 1]]
    apart = np.asarray(np.linalg.norm(steps, axis=1), np.float64)
    if cohort is None or distance is not Distance.RELATIVE:
        return apart
    return np.asarray(apart * cohort.scales(places)[rows].prod(axis=1), np.float64)
