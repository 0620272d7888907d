"""The odds of a distance: a logistic regression on trials of probes against centroids."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import LinearConstraint, minimize
from scipy.special import expit

from closeup.cohort import Cohort, distances, unit_length
from closeup.embedding_calibration import LEAST_PROBES, MOST_PROBES, Odds, noise, share
from closeup.evaluation.known_faces import KnownFaces, Vector

_ROUNDS = 6
_LEAST_WEIGHT = 0.1
_LOOKALIKES = 0.015
"""Share of all people, the nearest to a probe, from which look-alikes are drawn; at least five."""
_LOOKALIKE_SHARE = 0.2
"""Share of the look-alikes in the impostors' weight in the fit."""
_STEEPEST = -1.0
"""Upper limit of the slope: the log odds fall by at least 1 per unit of distance."""


@dataclass(frozen=True, slots=True, eq=False)
class Trials:
    """Comparisons of means of probes with centroids.

    Attributes:
        distance: (n,) relative distance between mean and centroid.
        photos: (n,) number of photos in the centroid.
        probes: (n,) total weight of the probes.
        genuine: (n,) bool, whether both show one person.
        lookalike: (n,) bool, whether the impostor was chosen for resembling the probe.

    """

    distance: Vector
    photos: Vector
    probes: Vector
    genuine: NDArray[np.bool_]
    lookalike: NDArray[np.bool_]


def make_trials(faces: KnownFaces, weights: Vector, cohort: Cohort) -> Trials:
    """Several trials for each person with two photos, each with five impostors.

    Args:
        faces: Faces of labelled people.
        weights: (n,) weight of each probe, 0..1.
        cohort: The cohort that distances are relative to.

    Raises:
        ValueError: no probe has enough weight.

    """
    lottery = _Lottery(faces, weights, cohort)
    several = [person for person, rows in enumerate(lottery.people) if len(rows) > 1]
    rows = [trial for person in several * _ROUNDS for trial in lottery.trials_of(person)]
    if not rows:
        raise ValueError("every face is turned aside")
    distance, photos, probes, genuine, lookalike = map(np.array, zip(*rows, strict=True))
    return Trials(distance, photos.astype(np.float64), probes, genuine, lookalike)


class _Lottery:
    """Draws the compared people; the draws are the same in every run."""

    def __init__(self, faces: KnownFaces, weights: Vector, cohort: Cohort) -> None:
        self.people = faces.by_person()
        self._faces, self._weights, self._cohort = faces, weights, cohort
        self._means = faces.means
        self._scales = cohort.scales(self._means)
        self._random = np.random.default_rng(1)

    def trials_of(self, person: int) -> Iterator[tuple[float, int, float, bool, bool]]:
        """One genuine trial, three with random impostors, two with look-alikes."""
        random, faces, cohort = self._random, self._faces, self._cohort
        own = random.permutation(self.people[person])
        enrolled = int(random.integers(1, min(6, len(own))))
        rows = own[enrolled : enrolled + int(random.integers(1, min(4, len(own) - enrolled) + 1))]
        weights = self._weights[rows]
        total = float(weights.sum())
        if total < _LEAST_WEIGHT:
            return
        probe = (weights[:, None] * unit_length(faces.probe[rows])).sum(axis=0)
        yield faces.apart(own[:enrolled], probe, cohort), enrolled, total, True, False
        for other, lookalike in self._impostors(person, probe):
            shown = random.permutation(self.people[other])[: int(random.integers(1, 6))]
            yield faces.apart(shown, probe, cohort), len(shown), total, False, lookalike

    def _impostors(self, person: int, probe: Vector) -> list[tuple[int, bool]]:
        """Indices of other people, and whether each was chosen for resembling the probe."""
        apart = distances(unit_length(probe[None]), self._means)[0] * self._scales
        order = np.argsort(apart)
        strangers = order[order != person]
        alike = strangers[: max(5, round(len(self.people) * _LOOKALIKES))]
        chosen = [(int(other), False) for other in self._random.choice(strangers, 3)]
        return [*chosen, *((int(other), True) for other in self._random.choice(alike, 2))]


def fit_odds(trials: Trials) -> Odds:
    """Logistic regression; a genuine trial weighs as much as its five impostor trials together.

    Targets are Platt's ("Probabilistic Outputs for Support Vector Machines", 1999), slightly inside
    of 0 and 1, so that odds are finite even if the people are separated without an error. A
    constraint makes the odds fall with the distance for any weight of the probes.
    """
    known, genuine = features(trials), trials.genuine
    weights = np.where(trials.lookalike, _LOOKALIKE_SHARE / 2, (1 - _LOOKALIKE_SHARE) / 3)
    weights[genuine] = 1.0
    count = int(genuine.sum())
    target = np.where(genuine, (count + 1) / (count + 2), 1 / (count + 2))

    def loss(coefficients: Vector) -> float:
        logits = known @ coefficients
        return float((weights * (np.logaddexp(0, logits) - target * logits)).mean())

    def gradient(coefficients: Vector) -> Vector:
        off = weights * (expit(known @ coefficients) - target)
        return np.asarray(off @ known / len(known))

    # per_distance + noise · per_noisy_distance, at the noise of the least and the largest weight.
    weights_of_slopes = LEAST_PROBES, MOST_PROBES
    slopes = [[0, 1, 0, 0, float(noise(np.array(weight)))] for weight in weights_of_slopes]
    found = minimize(
        loss,
        np.array([0.0, 2 * _STEEPEST, 0.0, 0.0, 0.0]),
        jac=gradient,
        method="SLSQP",
        constraints=LinearConstraint(slopes, ub=_STEEPEST),
        options={"maxiter": 1000, "ftol": 1e-12},
    )
    return Odds(*found.x.tolist())


def features(trials: Trials) -> Vector:
    """Regressors of the log odds; (n, 5), in the order of the fields of :class:`Odds`."""
    noisy = noise(trials.probes)
    columns = [np.ones_like(noisy), trials.distance, 1 / trials.photos]
    rows = np.stack([*columns, noisy, noisy * trials.distance], axis=1)
    return np.asarray(rows * share(trials.probes)[:, None], np.float64)
