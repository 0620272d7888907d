"""Selection of representative faces of one person."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from closeup.cohort import distances, unit_length


def best_first(vectors: NDArray[np.float32], weights: Sequence[float]) -> NDArray[np.int64]:
    """The order of the faces of one group, typical and clear ones first.

    A face far from the group's centroid may be another person's, and a blurred one is not
    reliable: the sum of the ranks by distance and by weight decides.

    Args:
        vectors: (n, d) vectors of one group, of any length.
        weights: (n,) weight of each face (:func:`closeup.identity.quality.weight`).

    Returns:
        (n,) indices; equally ranked faces stay in their order.

    """
    units = unit_length(vectors)
    away = distances(units, unit_length(units.mean(axis=0, keepdims=True)))[:, 0]
    ranks = _ranks(away) + _ranks(-np.asarray(weights))
    return np.argsort(ranks, kind="stable")


def _ranks(values: NDArray[np.floating]) -> NDArray[np.int64]:
    """Rank of each value: the number of smaller values; shape (n,)."""
    return np.searchsorted(np.sort(values), values)


def spread_out(vectors: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """Faces that differ from each other, beginning with the first.

    Each further one is the farthest from those chosen before (Gonzalez, "Clustering to minimize
    the maximum intercluster distance", 1985).

    Args:
        vectors: (n, d) of any length, at least one.
        count: Number of faces to choose; all are chosen if there are fewer.

    Returns:
        Indices, int64, in the order of choice.

    """
    apart = distances(units := unit_length(vectors), units)
    chosen = [0]
    while len(chosen) < min(count, len(vectors)):
        to_chosen = apart[chosen].min(axis=0)
        to_chosen[chosen] = -1
        chosen.append(int(to_chosen.argmax()))
    return np.array(chosen, np.int64)
