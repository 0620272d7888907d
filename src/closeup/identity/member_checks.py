"""Checks of members' photos against each other: whose face it is, and who is enrolled twice.

All limits are chosen on half of LFW's people of no calibration set and measured on the other half:
``benchmarks/member_photos.py``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from closeup.cohort import unit_length
from closeup.embedding_calibration import LEAST_PROBES, EmbeddingCalibration

LEAST_PHOTOS = 3
"""Least number of photos of which one can be called odd: two against one."""

_LEAST_WEIGHT = 0.15
"""Least weight of a photo in the mean of a member's other photos."""
_ODD = -1.5
"""Log odds of "the same person", against a member's other photos, below which a photo is odd."""
_FALSE_DUPLICATES = 0.01
"""Expected number of other members whom a member is taken for."""
_MOST_FALSE = 1e-3
"""Highest false-accept rate of a pair of members, in a gallery of few."""
_MEASURED_PHOTOS = 3
"""Photos of each of the centroids at whose distance ``same_person`` of a calibration is measured:
two to five, mostly three."""
_MOST_PHOTOS = 5
"""Photos beyond which two centroids of one person hardly come nearer: they are of other days."""
_AGREES = 1e-3
"""Highest rate at which one of a photo's faces agrees with another person's photos by chance."""
_CLEARLY = 3.0
"""Least difference of log odds between the face that agrees and the photo's next."""


def odd_photos(
    vectors: NDArray[np.float32],
    weights: NDArray[np.float64],
    calibration: EmbeddingCalibration,
) -> list[int]:
    """Photos of one member that show somebody else by their distance to the others.

    The photo that is farthest from the weighted mean of the others is taken away in turn, as long
    as it is likelier somebody else's. Less than half of the photos are called odd: of two equal
    parts it is not known which is the member. A face of little weight is not called odd.

    Args:
        vectors: (n, d) float32 of unit length, one a photo.
        weights: (n,) weight of each face, 0..1.
        calibration: Calibration of the embedder that made the vectors.

    Returns:
        Their indices in ascending order; none for fewer than :data:`LEAST_PHOTOS` photos.

    """
    kept, counted = np.arange(len(vectors)), np.maximum(weights, _LEAST_WEIGHT)[:, None]
    most = (len(kept) - 1) // 2
    odd: list[int] = []
    while len(kept) >= LEAST_PHOTOS and len(odd) < most:
        heavy = counted[kept] * vectors[kept]
        others = unit_length(heavy.sum(axis=0) - heavy)
        apart = np.array(
            [
                calibration.relative_distances(vectors[[photo]], others[[row]])[0, 0]
                for row, photo in enumerate(kept)
            ]
        )
        worst = int(np.where(weights[kept] >= LEAST_PROBES, apart, -1).argmax())
        photos, weight = np.array([len(kept) - 1]), float(weights[kept[worst]])
        odds = calibration.odds.log_likelihood_ratio(apart[worst : worst + 1], photos, weight)
        if weight < LEAST_PROBES or odds[0] >= _ODD:
            break
        odd.append(int(kept[worst]))
        kept = np.delete(kept, worst)
    return sorted(odd)


def agreeing_face(
    faces: NDArray[np.float32],
    photos: NDArray[np.float32],
    calibration: EmbeddingCalibration,
    subject: int | None = None,
) -> int | None:
    """The one face of a photo that is the person's of other photos.

    Args:
        faces: (n, d) float32 of unit length, faces of one photo, at least one.
        photos: (k, d) float32 of unit length, faces of one person, at least one.
        calibration: Calibration of the embedder that made the vectors.
        subject: The face that is taken where none agrees, unless it is likelier somebody else's;
            None for none.

    Returns:
        Its index; None if no face is so near, or two are alike.

    """
    centroid = unit_length(photos.mean(axis=0, keepdims=True))
    apart = calibration.relative_distances(faces, centroid)[:, 0]
    rate = float(calibration.false_accepts.rate(apart.min(), len(photos))) * len(faces)
    odds = _log_odds(faces, photos, calibration)
    following, best = np.sort([-np.inf, *odds])[-2:]
    if rate <= _AGREES and best > 0 and best - following >= _CLEARLY:
        return int(apart.argmin())
    return subject if subject is not None and odds[subject] >= _ODD else None


def common_person(
    photos: Sequence[NDArray[np.float32]], calibration: EmbeddingCalibration
) -> list[int | None]:
    """The face of the one person whom several group photos have in common.

    Args:
        photos: (n, d) float32 of each photo, its faces.
        calibration: Calibration of the embedder that made the vectors.

    Returns:
        The index of that person's face in each photo, None where it is not found; None everywhere
        if nobody is in two photos or two people are in equally many.

    """
    nobody: list[int | None] = [None] * len(photos)
    if not photos:
        return nobody
    from closeup.identity.clustering import cluster_faces  # only group photos pay for scipy

    shown = np.repeat(np.arange(len(photos)), [len(faces) for faces in photos])
    groups = cluster_faces(np.concatenate(list(photos)), calibration, shown)
    sizes = np.sort(np.bincount(groups[groups >= 0], minlength=2))[::-1]
    if sizes[0] < 2 or sizes[0] == sizes[1]:
        return nobody
    places = [np.flatnonzero(groups[shown == photo] == 0) for photo in range(len(photos))]
    return [int(place[0]) if len(place) else None for place in places]


def duplicates(
    centroids: NDArray[np.float32],
    photos: NDArray[np.int64],
    calibration: EmbeddingCalibration,
) -> list[tuple[int, int]]:
    """Pairs of members who look like one person.

    Two members are such a pair if people rarely are so near by chance, given the number of
    members, and if two centroids of one person usually are, given the numbers of photos.

    Args:
        centroids: (m, d) float32 of unit length, the mean of each member's vectors.
        photos: (m,) number of photos of each member.
        calibration: Calibration of the embedder that made the vectors.

    Returns:
        Pairs of indices, the smaller first, in ascending order.

    """
    if len(centroids) < 2:
        return []
    curve = calibration.false_accepts
    wanted = min(_MOST_FALSE, _FALSE_DUPLICATES / (len(centroids) - 1))
    limit = curve.distance_at(float(np.clip(wanted, curve.least, curve.most)))
    nearer = curve.nearer * (1 - 1 / photos)
    by_chance = limit - nearer[:, None] - nearer
    spread = 1 / np.minimum(photos, _MOST_PHOTOS)
    usual = calibration.same_person * np.sqrt((spread[:, None] + spread) * (_MEASURED_PHOTOS / 2))
    apart = calibration.relative_distances(centroids, centroids)
    rows, columns = np.nonzero(np.triu(apart < np.minimum(by_chance, usual), 1))
    return list(zip(rows.tolist(), columns.tolist(), strict=True))


def _log_odds(
    faces: NDArray[np.float32],
    photos: NDArray[np.float32],
    calibration: EmbeddingCalibration,
) -> NDArray[np.float64]:
    """Log odds that each face (n, d) is the person's of photos (k, d); shape (n,)."""
    centroid = unit_length(photos.mean(axis=0, keepdims=True))
    apart = calibration.relative_distances(faces, centroid)[:, 0]
    counts = np.full(len(faces), len(photos))
    return calibration.odds.log_likelihood_ratio(apart, counts, 1.0)
