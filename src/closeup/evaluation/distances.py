"""How far the vectors of two photos are apart."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from closeup.identity.crowd import crowd_of, unit_length


class Distance(StrEnum):
    """How far two vectors are apart."""

    UNIT = "unit"
    """Euclidean, after both are scaled to unit length."""
    RAW = "raw"
    """Euclidean."""
    RELATIVE = "relative"
    """That of unit length, against the crowd: what ``closeup verify`` and galleries use."""


def pair_distances(
    vectors: NDArray[np.float32], rows: NDArray[np.int64], distance: Distance, embedder: str
) -> NDArray[np.float64]:
    """Distance of the two vectors of each pair; shape (p,).

    Args:
        vectors: (n, d) one a photo.
        rows: (p, 2) indices into them.
        distance: Which.
        embedder: Name of the embedder that made the vectors; its crowd is taken.

    """
    places = vectors if distance is Distance.RAW else unit_length(vectors)
    steps = places[rows[:, 0]].astype(np.float64) - places[rows[:, 1]]
    apart = np.asarray(np.linalg.norm(steps, axis=1), np.float64)
    crowd = crowd_of(embedder) if distance is Distance.RELATIVE else None
    return apart * crowd.scales(places)[rows].prod(axis=1) if crowd else apart
