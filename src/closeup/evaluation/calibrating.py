"""Calibration of an embedding's distances on faces of labelled people.

The people are those of :class:`closeup.evaluation.known_faces.KnownFaces`. Each number is measured
on all of them: there are too few numbers to overfit these people. They are measured in this order,
since each needs those before it:

1. the cohort: k-means centres of the people's mean vectors;
2. the false-accept curve: distances of photos of different people, and how much smaller distances
   to centroids of several photos are;
3. variances: squared distances of degraded copies to their person's centroid, by height and
   sharpness;
4. odds: a logistic regression on trials of one to three degraded copies against the centroid of
   one to five photos; of five impostors in a trial, three are random people and two are among
   those that look most like the probe;
5. the distance of two halves of one person's photos, and the distances that separate degraded
   copies of one person from those of another.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.vq import kmeans2
from scipy.optimize import nnls
from scipy.spatial.distance import cdist

from closeup.cohort import Cohort, distances, relative_distances, unit_length
from closeup.embedding_calibration import (
    EmbeddingCalibration,
    FaceVariance,
    FalseAccepts,
    SplitDistances,
)
from closeup.errors import InputError
from closeup.evaluation.curves import accepted_share, area_under_curve, roc_curve
from closeup.evaluation.known_faces import KnownFaces, Vector
from closeup.evaluation.odds_fit import fit_odds, make_trials
from closeup.identity.quality import FRONTAL, PROFILE

LEAST_PEOPLE = 60
"""Least number of people with two photos; with fewer, a rate of 1 in 300 is not measurable."""
RATES = (0.9, 0.5, 0.2, 0.1, 0.03, 0.01, 3e-3, 1e-3, 3e-4, 1e-4, 1e-5, 1e-6)
"""False-accept rates of the curve, as far as there are enough pairs."""
LEAST_PAIRS = 20
"""Least number of pairs below a quantile that is measured."""

_LEAST_AREA = 0.6
"""Least area under the ROC curve of single photos; an embedding without information has 0.5."""
_FEW_PEOPLE = 20
"""Least number of people for a measure that needs several photos of each."""
_CENTRES, _PEOPLE_A_CENTRE = 128, 60
"""More than 128 centres bring no improvement. Centres of few people overfit: people in the cohort
seem farther apart than others, and limits become too lax. For people outside the cohort, the
false-accept rate of dlib's embedding is 1.2 times the nominal one with 60 people per centre, 1.4
times with 30, 2.4 times with 8."""
_PROBES = 4096
"""Photos that are compared with photos of all other people: 16 million pairs."""
_CENTROIDS = (2, 3, 5, 8)
"""Numbers of photos in the centroids that are compared with other people."""
_LOW = 0.03
"""Largest false-accept rate at which centroids are compared: limits are set at such rates."""
_FULL_HEIGHT, _SHARP = 90.0, 0.75
"""Height in pixels and quantile of the probes' sharpness above which a face is not better."""
_MOST_ENROLLED = 5
_CLEAR = 0.4
"""Least weight of embeddings that may split a track, as in :mod:`closeup.tracking.tracklets`."""
_HALVES = 0.8
_MOST_COMPARED = 1500
"""Largest number of people whose clear probes are compared with each other."""


def calibrate(faces: KnownFaces, embedder: str) -> EmbeddingCalibration:
    """Measure all numbers of a calibration.

    The same faces give the same calibration.

    Args:
        faces: Faces of labelled people, embedded by the embedder.
        embedder: Name of the embedder.

    Raises:
        InputError: fewer than :data:`LEAST_PEOPLE` people have two photos, or the embedding
            does not separate these people.

    """
    several = sum(len(rows) > 1 for rows in faces.by_person())
    check_enough(several, "have two photos or more in which a face was found")
    try:
        cohort = find_cohort(faces)
        _check_use(faces, cohort)
        variance = fit_variance(faces, cohort)
        weights = face_weights(faces, variance)
        curve = measure_false_accepts(faces, cohort)
        nearest = curve.distances[-1] - curve.nearer
        return EmbeddingCalibration(
            embedder=embedder,
            dimensions=faces.enrolled.shape[1],
            odds=fit_odds(make_trials(faces, weights, cohort)),
            false_accepts=curve,
            variance=variance,
            same_person=min(nearest, distance_of_halves(faces, cohort)),
            split=measure_split(faces, weights),
            cohort=cohort,
        )
    except ValueError as error:
        raise InputError(
            f"{embedder} does not tell these people apart ({error}); check the labels of the "
            "photos, and the crop and scaling of faces in the embedder's file"
        ) from error


def check_enough(several: int, what: str) -> None:
    """Check that there are at least :data:`LEAST_PEOPLE` people.

    Args:
        several: The number of people.
        what: The condition that they meet, for the message: "only 3 people ``what``".

    Raises:
        InputError: there are too few people.

    """
    if several < LEAST_PEOPLE:
        raise InputError(
            f"only {several} people {what}; a calibration needs {LEAST_PEOPLE}, better hundreds: "
            "add folders of other people, such as those of Labeled Faces in the Wild"
        )


def _check_use(faces: KnownFaces, cohort: Cohort) -> None:
    area = _area(own_distances(faces, cohort), stranger_distances(faces, cohort))
    if area < _LEAST_AREA:
        raise ValueError(f"two people are farther apart than one in only {area:.0%} of comparisons")


def find_cohort(faces: KnownFaces) -> Cohort:
    """k-means centres of the people's mean vectors, and the mean distance to the nearest one.

    Raises:
        ValueError: there are not more distinct vectors than centres.

    """
    means = faces.means
    count = min(_CENTRES, len(means) // _PEOPLE_A_CENTRE)
    if len(np.unique(means, axis=0)) <= count:
        raise ValueError("most of them have the same vector")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a centre without people stays where it is
        found, _ = kmeans2(means.astype(np.float64), count, minit="++", seed=0)
    centres = unit_length(found)
    return Cohort(centres, float(distances(means, centres).min(axis=1).mean()))


def stranger_distances(
    faces: KnownFaces, cohort: Cohort | None, photos: int = 1
) -> NDArray[np.float32]:
    """Ascending distances of single photos to centroids of ``photos`` photos of other people."""
    random = np.random.default_rng(0)
    people = faces.by_person()
    each = max(1, _PROBES // len(people))
    probes = np.concatenate([random.permutation(rows)[:each] for rows in people])
    shown = [number for number, rows in enumerate(people) if len(rows) >= photos]
    chosen = [random.permutation(people[number])[:photos] for number in shown]
    centroids = np.concatenate([faces.centroid(rows) for rows in chosen])
    apart = relative_distances(faces.enrolled[probes], centroids, cohort)
    return np.sort(apart[faces.person[probes][:, None] != np.array(shown)])


def own_distances(faces: KnownFaces, cohort: Cohort | None) -> NDArray[np.float32]:
    """Distances of up to four photos of each person to another photo of the same person."""
    return np.concatenate(
        [
            relative_distances(faces.enrolled[rows[1:5]], faces.enrolled[rows[:1]], cohort)[:, 0]
            for rows in faces.by_person()
        ]
    )


def measure_false_accepts(faces: KnownFaces, cohort: Cohort | None) -> FalseAccepts:
    """The false-accept curve of single photos, and how much nearer centroids are to other people.

    Raises:
        ValueError: the distances between different people are all equal.

    """
    curve = _falling(quantiles(stranger_distances(faces, cohort)))
    if len(curve) < 2:
        raise ValueError("all people are equally far apart")
    shares, shifts = [], []
    for photos in _CENTROIDS:
        if sum(len(rows) >= photos for rows in faces.by_person()) >= _FEW_PEOPLE:
            many = quantiles(stranger_distances(faces, cohort, photos))
            shares.append(1 - 1 / photos)
            shifts.append(np.mean([curve[r] - many[r] for r in curve if r <= _LOW and r in many]))
    nearer = float(np.dot(shares, shifts) / np.dot(shares, shares))
    limit = min(curve.values()) / 2
    return FalseAccepts(tuple(curve), tuple(curve.values()), min(max(nearer, 0.0), limit))


def _falling(points: dict[float, float]) -> dict[float, float]:
    """The points with a smaller distance than those of all higher rates."""
    kept: dict[float, float] = {}
    last = np.inf
    for rate, apart in points.items():
        if 0 < apart < last:
            kept[rate] = last = apart
    return kept


def quantiles(rising: NDArray[np.float32]) -> dict[float, float]:
    """Distances at the quantiles :data:`RATES` of the pairs, for those with enough pairs."""
    return {
        rate: float(rising[int(rate * len(rising))])
        for rate in RATES
        if rate * len(rising) >= LEAST_PAIRS
    }


def fit_variance(faces: KnownFaces, cohort: Cohort | None) -> FaceVariance:
    """Regress the squared distance of a probe to its person's other photos on the probe's quality.

    Non-negative least squares. The rotation of the head is a regressor, too, but not a number of
    the calibration.
    """
    people = _people_with(faces, 4)
    pairs = [(row, rows[rows != row]) for rows in people for row in rows]
    squared = np.array([faces.apart(rest, faces.probe[row], cohort) ** 2 for row, rest in pairs])
    probes = np.array([row for row, _ in pairs])
    sharp = float(np.quantile(faces.sharpness, _SHARP))
    worse = [
        np.log(full / np.clip(values[probes], 1e-3, full))
        for full, values in ((_FULL_HEIGHT, faces.height), (sharp, faces.sharpness))
    ]
    known = np.stack([np.ones(len(probes)), *worse, _aside(faces)[probes]], axis=1)
    best, per_height, per_sharpness, _ = nnls(known, squared)[0].tolist()
    return FaceVariance(max(best, 1e-4), per_height, per_sharpness, _FULL_HEIGHT, sharp)


def face_weights(faces: KnownFaces, variance: FaceVariance) -> Vector:
    """The weight of each probe, 0..1, as in :func:`closeup.identity.quality.weight`."""
    rows = zip(faces.height.tolist(), faces.sharpness.tolist(), strict=True)
    return np.array([variance.precision(*row) for row in rows]) * (1 - _aside(faces))


def distance_of_halves(faces: KnownFaces, cohort: Cohort | None) -> float:
    """The 80 % quantile of the distances between centroids of two halves of a person's photos."""
    random = np.random.default_rng(0)
    found = []
    for rows in _people_with(faces, 4):
        order = random.permutation(rows)
        half = min(_MOST_ENROLLED, len(order) // 2)
        first, second = (faces.centroid(part) for part in (order[:half], order[half : 2 * half]))
        found.append(relative_distances(first, second, cohort)[0, 0])
    return max(float(np.quantile(found, _HALVES)), 1e-3)


def measure_split(faces: KnownFaces, weights: Vector) -> SplitDistances:
    """Distances of equal error rates: one person split, and two people taken for one.

    Measured on clear probes, whose embeddings are not normalised: single ones, and means of two or
    three. If too few people have four clear probes, the second is 0.8 times the first, the ratio
    of dlib's embedding.
    """
    clear = [rows[weights[rows] >= _CLEAR] for rows in faces.by_person()]
    single = _equal_errors(faces, clear, 1)
    enough = sum(len(rows) >= 4 for rows in clear) >= _FEW_PEOPLE
    return SplitDistances(single, _equal_errors(faces, clear, 3) if enough else 0.8 * single)


def _equal_errors(faces: KnownFaces, clear: list[NDArray[np.int64]], most: int) -> float:
    """The distance of equal error rates between means of up to ``most`` probes."""
    halves = [(rows, min(most, len(rows) // 2)) for rows in clear]
    pairs = [
        [faces.probe[part].mean(axis=0) for part in (rows[:half], rows[half : 2 * half])]
        for rows, half in halves
        if half >= min(most, 2)
    ][:_MOST_COMPARED]
    if not pairs:
        raise ValueError("no clear faces")
    first, second = np.array(pairs).transpose(1, 0, 2)
    apart = cdist(first, second)
    roc = roc_curve(apart.ravel(), np.eye(len(apart), dtype=bool).ravel())
    # The last threshold is infinite and accepts all; the previous one is the largest distance.
    place = int(np.flatnonzero(roc.far + roc.val >= 1)[0])
    return float(roc.thresholds[min(place, len(roc.thresholds) - 2)])


def figures(faces: KnownFaces, calibration: EmbeddingCalibration) -> dict[str, Any]:
    """Figures of how well the embedding separates the people of its calibration.

    Returns:
        ``people``, ``photos`` (with a found face), ``area_under_curve`` (the probability that
        photos of two people are farther apart than two photos of one person), and ``accepted``:
        for each false-accept rate of the curve, the share of same-person pairs accepted.

    """
    cohort = calibration.cohort
    own, strangers = own_distances(faces, cohort), stranger_distances(faces, cohort)
    curve = calibration.false_accepts
    accepted = accepted_share(own, np.array(curve.distances))
    return {
        "people": int(faces.person[-1]) + 1,
        "photos": len(faces.person),
        "area_under_curve": _area(own, strangers),
        "accepted": {f"{r:g}": float(a) for r, a in zip(curve.rates, accepted, strict=True)},
    }


def _area(own: NDArray[np.float32], strangers: NDArray[np.float32]) -> float:
    same = np.arange(len(own) + len(strangers)) < len(own)
    return area_under_curve(np.concatenate([own, strangers]), same)


def _people_with(faces: KnownFaces, photos: int) -> list[NDArray[np.int64]]:
    """The rows of people with at least ``photos`` photos; if too few, of all with two."""
    people = faces.by_person()
    able = [rows for rows in people if len(rows) >= photos]
    return able if len(able) >= _FEW_PEOPLE else [rows for rows in people if len(rows) > 1]


def _aside(faces: KnownFaces) -> Vector:
    """Fraction of each probe's weight that is lost by its rotation towards profile, 0..1."""
    return np.clip((faces.turned - FRONTAL) / (PROFILE - FRONTAL), 0, 1)
