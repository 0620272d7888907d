"""How far the vectors of two photos are apart."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class Distance(StrEnum):
    """How far two vectors are apart."""

    UNIT = "unit"
    """Euclidean, after both are scaled to unit length."""
    RAW = "raw"
    """Euclidean."""


def pair_distances(
    vectors: NDArray[np.float32], rows: NDArray[np.int64], distance: Distance
) -> NDArray[np.float64]:
    """Distance of the two vectors of each pair; shape (p,).

    Args:
        vectors: (n, d) one a photo.
        rows: (p, 2) indices into them.
        distance: Which.

    """
    places = vectors.astype(np.float64)
    if distance is Distance.UNIT:
        places /= np.linalg.norm(places, axis=1, keepdims=True)
    return np.asarray(np.linalg.norm(places[rows[:, 0]] - places[rows[:, 1]], axis=1), np.float64)
