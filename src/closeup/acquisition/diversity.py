"""Samples that differ from each other and from the labelled ones, by a model's features."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from closeup.acquisition.acquisition import Selection
from closeup.acquisition.candidates import LabelCandidates
from closeup.acquisition.uncertainty import RANDOM_REASON

_MOST_CLUSTERS = 500
_SMALL_CLUSTER = 5
"""Both limits are those of Hacohen et al. 2022."""

_NEIGHBOURS = 20
"""Neighbours whose mean distance measures typicality, as in Hacohen et al. 2022."""

_REFERENCES = 1000
"""Members of a cluster among which neighbours are sought."""

_ITERATIONS = 10
_AT_ONCE = 4096


def core_set(candidates: LabelCandidates, budget: int, rng: np.random.Generator) -> Selection:
    """Choose by greedy k-centre search, after Sener and Savarese 2018, "Active Learning for CNNs".

    Each choice is the sample that is farthest from all labelled and chosen ones. Without labelled
    ones it begins with the sample nearest to the mean. It takes O(n · d · (k + budget)) for n
    candidates, k labelled ones and d features: 20,000 candidates, 64 features and a budget of 200
    take a second. Samples with a NaN come last, in random order.

    Raises:
        InputError: the features are unknown.

    """
    features = candidates.need("features")
    usable = np.flatnonzero(np.isfinite(features).all(axis=1))
    chosen = usable[k_centres(features[usable], _labelled(candidates), budget)]
    reason = "unlike all labelled ones" if len(_labelled(candidates)) else "unlike the others"
    return _filled(chosen, reason, candidates, budget, rng)


def k_centres(
    features: NDArray[np.float64], centres: NDArray[np.float64], budget: int
) -> NDArray[np.int64]:
    """Rows of features (n, d), each the farthest from centres (k, d) and the rows before it."""
    count = min(budget, len(features))
    chosen = np.empty(count, np.int64)
    if not count:
        return chosen
    distances = _nearest(features, centres)[0] if len(centres) else np.full(len(features), np.inf)
    for i in range(count):
        if i == 0 and not len(centres):
            chosen[i] = np.argmin(_squared(features, features.mean(axis=0)))
        else:
            chosen[i] = np.argmax(distances)
        distances = np.minimum(distances, _squared(features, features[chosen[i]]))
        distances[chosen[: i + 1]] = -1
    return chosen


def typicality(candidates: LabelCandidates, budget: int, rng: np.random.Generator) -> Selection:
    """Choose typical samples: TypiClust of Hacohen et al. 2022, "Active Learning on a Budget".

    Candidates and labelled samples together are divided into as many clusters as there will be
    labels, 500 at most, by k-means. Clusters with the fewest labels come first, of these the
    largest; from each comes the sample with the least mean distance to its 20 nearest neighbours in
    the cluster. Neighbours are sought among 1,000 members of a cluster at most, so it takes
    O(n · d · (clusters + 1,000)); 20,000 candidates with 64 features take seconds. Samples with a
    NaN come last, in random order.

    Raises:
        InputError: the features are unknown.

    """
    features = candidates.need("features")
    usable = np.flatnonzero(np.isfinite(features).all(axis=1))
    labelled = _labelled(candidates)
    count = min(budget, len(usable))
    if not count:
        return _filled(usable[:0], "", candidates, budget, rng)
    every = np.concatenate([features[usable], labelled])
    groups = min(len(labelled) + count, _MOST_CLUSTERS, len(every))
    cluster = _clusters(every, groups, rng)
    order = _by_typicality(features[usable], cluster[: len(usable)], rng)
    rows = _alternating(order, cluster[len(usable) :], groups, count)
    return _filled(usable[rows], "typical of many others", candidates, budget, rng)


def _clusters(
    features: NDArray[np.float64], groups: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Cluster (n,) of each row by k-means; some clusters may be empty."""
    centres = features[_spread_seeds(features, groups, rng)]
    cluster = np.zeros(len(features), np.int64)
    for _ in range(_ITERATIONS):
        cluster = _nearest(features, centres)[1]
        count = np.bincount(cluster, minlength=groups)[:, None]
        total = np.zeros_like(centres)
        np.add.at(total, cluster, features)
        centres = np.where(count > 0, total / np.maximum(count, 1), centres)
    return cluster


def _spread_seeds(
    features: NDArray[np.float64], groups: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Rows for the first centres, by k-means++ (Arthur and Vassilvitskii 2007)."""
    seeds = np.empty(groups, np.int64)
    distances = np.ones(len(features))
    for i in range(groups):
        total = distances.sum()
        seeds[i] = rng.choice(len(features), p=distances / total if total > 0 else None)
        squared = _squared(features, features[seeds[i]])
        distances = squared if i == 0 else np.minimum(distances, squared)
    return seeds


def _by_typicality(
    features: NDArray[np.float64], cluster: NDArray[np.int64], rng: np.random.Generator
) -> dict[int, NDArray[np.int64]]:
    """Cluster → its rows, the most typical first."""
    members = {group: np.flatnonzero(cluster == group) for group in np.unique(cluster).tolist()}
    return {
        group: rows[np.argsort(_crowding(features[rows], rng), kind="stable")]
        for group, rows in members.items()
    }


def _crowding(features: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Mean distance (n,) to the nearest neighbours."""
    references = features
    if len(features) > _REFERENCES:
        references = features[rng.choice(len(features), _REFERENCES, replace=False)]
    near = min(_NEIGHBOURS, len(references) - 1)
    means = np.zeros(len(features))
    for i in range(0, len(features), _AT_ONCE):
        squared = _pairs(features[i : i + _AT_ONCE], references)
        nearest = np.partition(squared, near, axis=1)[:, : near + 1]
        # A row that is a reference itself counts itself with 0; that is the same for all in small
        # clusters, and one of 21 in large ones.
        means[i : i + _AT_ONCE] = np.sqrt(nearest).mean(axis=1)
    return means


def _alternating(
    order: dict[int, NDArray[np.int64]], labelled: NDArray[np.int64], groups: int, count: int
) -> NDArray[np.int64]:
    """Rows of clusters in turn: of those with the fewest labels the largest, one row each time."""
    labels = np.bincount(labelled, minlength=groups)
    size = labels + np.array([len(order.get(group, ())) for group in range(groups)])
    taken = np.zeros(groups, np.int64)
    rows: list[int] = []
    while len(rows) < count:
        left = [group for group in order if taken[group] < len(order[group])]
        group = min(
            left,
            key=lambda g: (size[g] < _SMALL_CLUSTER, int(labels[g] + taken[g]), -int(size[g]), g),
        )
        rows.append(int(order[group][taken[group]]))
        taken[group] += 1
    return np.array(rows, np.int64)


def _labelled(candidates: LabelCandidates) -> NDArray[np.float64]:
    """Features (k, d) of the labelled samples without a NaN; k is 0 if there are none."""
    labelled = candidates.labelled
    if labelled is None:
        return np.empty((0, candidates.need("features").shape[1]))
    return labelled[np.isfinite(labelled).all(axis=1)]


def _filled(
    rows: NDArray[np.int64],
    reason: str,
    candidates: LabelCandidates,
    budget: int,
    rng: np.random.Generator,
) -> Selection:
    """The chosen rows, and random ones if there are fewer than the budget."""
    left = np.setdiff1d(np.arange(len(candidates)), rows)
    more = rng.permutation(left)[: budget - len(rows)]
    reasons = (reason,) * len(rows) + (RANDOM_REASON,) * len(more)
    return Selection(np.concatenate([rows, more]), reasons)


def _nearest(
    features: NDArray[np.float64], centres: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Squared distance (n,) to the nearest of the centres, and which it is (n,)."""
    distances = np.empty(len(features))
    which = np.empty(len(features), np.int64)
    for i in range(0, len(features), _AT_ONCE):
        squared = _pairs(features[i : i + _AT_ONCE], centres)
        which[i : i + _AT_ONCE] = squared.argmin(axis=1)
        distances[i : i + _AT_ONCE] = squared.min(axis=1)
    return distances, which


def _pairs(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Squared distances (n, k) of all rows of (n, d) and (k, d)."""
    squared = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * a @ b.T
    return np.asarray(np.maximum(squared, 0))


def _squared(features: NDArray[np.float64], centre: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(((features - centre) ** 2).sum(axis=1))
