"""Unknown faces sorted by person: agglomerative clustering of centroids.

Every face begins as a group of its own. In each round all pairs of groups that are each other's
nearest neighbours are joined if their distance is below a limit, and the joined group's mean
replaces them. A mean of many photos is much nearer to further photos of the person, and hardly
nearer to other people. One limit, shifted by the photo counts of both groups
(:class:`closeup.embedding_calibration.FalseAccepts`), is therefore right for two single photos
and for two large groups. It needs no tuning for a data set, and mixes fewer people than tuned
connected components, Chinese whispers or average linkage: ``benchmarks/clustering.py``.

The more people there are, the nearer is the nearest other person of each. The number of people
is not known, but it is at most the number of groups. The limit is the distance of a
false-accept rate that rises as the number of groups falls.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from closeup.cohort import distances, unit_length
from closeup.embedding_calibration import EmbeddingCalibration, FalseAccepts
from closeup.progress import Progress, Silent

ALONE = -1
"""Group number of a face that is in no group."""

_STRANGERS_MET = 0.03
"""Expected false accepts of a single photo among all groups: from 0.02 to 0.05 the B-cubed F1 is
best on LFW's development people, for 200 photos of them and for all 7,500."""
_RATES = 1e-6, 1e-4
"""Limits of the false-accept rate (the lower one is at least the lowest measured rate): a higher
rate would join people who look alike in a small set of such people."""
_BLOCK = 512
"""Rows of the distance matrix in one block; a block takes 40 MB for 20,000 faces."""


def cluster_faces(
    vectors: NDArray[np.float32],
    calibration: EmbeddingCalibration,
    pictures: NDArray[np.int64] | None = None,
    progress: Progress | None = None,
) -> NDArray[np.int64]:
    """Group faces by person; the order of the faces does not matter.

    Memory is proportional to the number of faces, time to its square.

    Args:
        vectors: (n, d) float32 of any length, one vector a face; best the mean of the vectors of
            the face and its mirror image.
        calibration: Calibration of the embedder that made the vectors.
        pictures: (n,) number of the picture that shows each face: two faces of one picture are
            two people. By default each face has a picture of its own.
        progress: Receives one stage; silent by default.

    Returns:
        (n,) group of each face: 0 is the largest, groups of equal size are in the order of their
        first faces; :data:`ALONE` for a face that is in no group.

    """
    if not len(vectors):
        return np.empty(0, np.int64)
    progress = progress or Silent()
    progress.begin("sorting faces by person", None)
    shown = np.arange(len(vectors)) if pictures is None else pictures
    groups = _Groups(unit_length(vectors), shown, calibration)
    while len(pairs := groups.nearest_pairs()):
        groups.join(pairs)
        progress.advance(0)
    return _by_size(groups.owner)


def joining_distance(curve: FalseAccepts, groups: int) -> float:
    """Relative distance up to which two single photos are joined when ``groups`` groups exist."""
    return curve.distance_at(_rate(curve, _STRANGERS_MET / groups))


def _rate(curve: FalseAccepts, wanted: float) -> float:
    return max(curve.least, float(np.clip(wanted, *_RATES)))


class _Groups:
    """Groups of faces, at first of one face each, and the nearest neighbour of each group.

    Distances are made comparable with those of single photos: centroids of many photos are nearer
    to other people, so an offset is added. After a join, neighbouring groups are compared only
    with the new one; they are searched in full when necessary, which is rare where one person has
    hundreds of faces.

    Args:
        vectors: (n, d) float32 of unit length.
        pictures: (n,) number of the picture of each face.
        calibration: Calibration of the embedder that made the vectors.

    Attributes:
        owner: (n,) group of each face, as the index of one of the group's faces.

    """

    def __init__(
        self,
        vectors: NDArray[np.float32],
        pictures: NDArray[np.int64],
        calibration: EmbeddingCalibration,
    ) -> None:
        count = len(vectors)
        self.owner = np.arange(count)
        self._cohort, self._curve = calibration.cohort, calibration.false_accepts
        self._alive, self._limit = count, joining_distance(self._curve, count)
        self._sums, self._counts = vectors.copy(), np.ones(count, np.int64)
        # A group shares its pictures with itself, so it is never its own neighbour.
        columns = np.unique(pictures, return_inverse=True)[1]
        self._shown = csr_array((np.ones(count, np.float32), (self.owner, columns)))
        self._centroids = np.empty_like(vectors)
        self._scales, self._added = np.empty((2, count), np.float32)
        self._nearest = np.zeros(count, np.int64)
        self._apart = np.full(count, np.inf, np.float32)
        self._floor = self._apart.copy()  # lower bound of the distance to every other group
        self._describe(self.owner)
        self._search(self.owner)

    def nearest_pairs(self) -> NDArray[np.int64]:
        """Pairs (p, 2) of mutual nearest neighbours below the limit; empty when none are left."""
        while True:
            near = np.flatnonzero(self._apart < self._limit)
            pairs: NDArray[np.int64] = np.column_stack([near, self._nearest[near]])
            back = self._nearest[pairs[:, 1]]
            mutual: NDArray[np.int64] = pairs[(back == near) & (near < pairs[:, 1])]
            unsure = self._apart > self._floor
            again = mutual[unsure[mutual]] if len(mutual) else np.flatnonzero(unsure)
            if not len(again):
                break
            self._search(again)
        if len(mutual) or not len(near):
            return mutual
        # Rounding errors made a cycle of equally distant groups without a mutual pair.
        closest: NDArray[np.int64] = pairs[[self._apart[near].argmin()]]
        return closest

    def join(self, pairs: NDArray[np.int64]) -> None:
        """Join each pair of groups; the result takes the index of the first."""
        first, second = pairs.T
        self._alive -= len(second)
        self._limit = joining_distance(self._curve, self._alive)
        every = np.arange(len(self.owner))
        into = every.copy()
        into[second] = first
        self.owner = into[self.owner]
        self._sums[first] += self._sums[second]
        self._counts[first] += self._counts[second]
        adding = csr_array((np.ones(len(into), np.float32), (into, every)), shape=2 * into.shape)
        self._shown = adding @ self._shown
        self._describe(first)
        lost = np.zeros(len(into), bool)
        lost[pairs] = True
        self._apart[lost[self._nearest]] = np.inf
        self._added[second] = np.inf  # joined groups are infinitely far from all others
        self._apart[second] = self._floor[second] = np.inf
        self._search(first)

    def _describe(self, groups: NDArray[np.int64]) -> None:
        centroids = unit_length(self._sums[groups])
        self._centroids[groups] = centroids
        self._scales[groups] = self._cohort.scales(centroids) if self._cohort else 1
        self._added[groups] = _added(self._curve, self._counts[groups])

    def _search(self, rows: NDArray[np.int64]) -> None:
        """Find the nearest neighbours of these groups, and update those of the others by them."""
        every = np.arange(len(self.owner))
        for start in range(0, len(rows), _BLOCK):
            block = rows[start : start + _BLOCK]
            apart = self._distances(block)
            closest = apart.argmin(axis=0)
            lowest = apart[closest, every]
            nearer = lowest < self._apart
            self._nearest[nearer] = block[closest[nearer]]
            self._apart[nearer] = lowest[nearer]
            np.minimum(self._floor, lowest, out=self._floor)
            nearest = apart.argmin(axis=1)
            self._nearest[block] = nearest
            self._apart[block] = apart[np.arange(len(block)), nearest]
            self._floor[block] = self._apart[block]

    def _distances(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Distances of these groups to all; infinite for groups that occur in one picture."""
        apart = distances(self._centroids[rows], self._centroids)
        apart *= self._scales[rows, None]
        apart *= self._scales
        apart += self._added[rows, None]
        apart += self._added
        together = (self._shown[rows] @ self._shown.T).tocoo()
        apart[together.row, together.col] = np.inf
        return apart


def _added(curve: FalseAccepts, counts: NDArray[np.int64]) -> NDArray[np.float32]:
    """How much nearer to other people a centroid of ``counts`` photos is than a single photo."""
    sizes, each = np.unique(counts, return_inverse=True)
    rate = _rate(curve, _RATES[1])  # the difference is the same for every rate
    nearer = [curve.distance_at(rate) - curve.distance_at(rate, int(size)) for size in sizes]
    return np.array(nearer, np.float32)[each]


def _by_size(owner: NDArray[np.int64]) -> NDArray[np.int64]:
    """The groups numbered by falling size; :data:`ALONE` for groups of one face."""
    _, first, inverse, counts = np.unique(
        owner, return_index=True, return_inverse=True, return_counts=True
    )
    order = np.lexsort((first, -counts))
    numbers = np.empty(len(counts), np.int64)
    numbers[order] = np.arange(len(counts))
    numbers[counts == 1] = ALONE
    return numbers[inverse]
