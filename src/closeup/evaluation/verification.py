"""The protocol of LFW's View 2: accuracy, and the validation rate at a false accept rate.

Huang, Ramesh, Berg and Learned-Miller, "Labeled Faces in the Wild", 2007. Pairs come in fixed
folds; for each fold a threshold is chosen on all other folds and applied to it, so no pair
influences its own decision. VAL and FAR are those of Schroff, Kalenichenko and Philbin,
"FaceNet", CVPR 2015. A pair is accepted as one person when its distance is **below** the
threshold.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.evaluation.curves import accepted_share

FAR = 1e-3
"""The false accept rate at which VAL is reported."""


@dataclass(frozen=True, slots=True, eq=False)
class FoldVerification:
    """Measurements on each of k folds.

    Attributes:
        accuracies: (k,) share of correct decisions on the fold.
        thresholds: (k,) distance chosen on the other folds for the best accuracy.
        vals: (k,) share of the fold's same pairs that are accepted at ``strict``.
        fars: (k,) share of its different pairs that are accepted at ``strict``.
        strict: (k,) distance chosen on the other folds for the nominal false accept rate.

    """

    accuracies: NDArray[np.float64]
    thresholds: NDArray[np.float64]
    vals: NDArray[np.float64]
    fars: NDArray[np.float64]
    strict: NDArray[np.float64]

    @property
    def accuracy(self) -> float:
        """Mean accuracy over the folds."""
        return float(self.accuracies.mean())

    @property
    def standard_error(self) -> float:
        """Standard error of the mean accuracy: standard deviation of the folds (ddof 1) over √k."""
        return _error_of_mean(self.accuracies)

    @property
    def val(self) -> float:
        """Mean validation rate over the folds."""
        return float(self.vals.mean())

    @property
    def val_standard_error(self) -> float:
        """Standard error of the mean validation rate, likewise."""
        return _error_of_mean(self.vals)

    @property
    def far(self) -> float:
        """Mean measured false accept rate over the folds."""
        return float(self.fars.mean())


def verify_folds(
    distances: NDArray[np.floating],
    same: NDArray[np.bool_],
    folds: NDArray[np.integer],
    far: float = FAR,
) -> FoldVerification:
    """Measure every fold with thresholds from the others.

    Args:
        distances: (p,) finite distance of each pair.
        same: (p,) bool, whether a pair shows one person.
        folds: (p,) number of the fold of each pair; at least two different numbers.
        far: False accept rate of the strict threshold.

    Raises:
        ValueError: the shapes differ, a distance is not finite, there are fewer than two
            folds, or a fold has no same or no different pair.

    """
    _check(distances, same, folds)
    distances = distances.astype(np.float64)  # in float32, a threshold may be rounded to a distance
    rows = []
    for number in np.unique(folds):
        here = folds == number
        threshold = best_threshold(distances[~here], same[~here])
        strict = threshold_at_far(distances[~here & ~same], far)
        rows.append(
            (
                ((distances[here] < threshold) == same[here]).mean(),
                threshold,
                accepted_share(distances[here & same], strict),
                accepted_share(distances[here & ~same], strict),
                strict,
            )
        )
    return FoldVerification(*np.array(rows, np.float64).T)


def best_threshold(distances: NDArray[np.floating], same: NDArray[np.bool_]) -> float:
    """The threshold with the most correct decisions on the pairs (p,).

    Candidates lie halfway between neighbouring distances, and beyond both ends. Of equally
    good ones it is the lowest, which favours false rejects over false accepts.
    """
    values, place = np.unique(distances.astype(np.float64), return_inverse=True)
    gain = np.bincount(place, weights=np.where(same, 1.0, -1.0))
    best = int(np.argmax(np.append(0.0, np.cumsum(gain))))
    if best == 0:
        return float(values[0])
    if best == len(values):
        return float(np.nextafter(values[-1], np.inf))
    low, high = float(values[best - 1]), float(values[best])
    middle = low + (high - low) / 2
    return middle if middle > low else high


def threshold_at_far(different: NDArray[np.floating], far: float) -> float:
    """The largest threshold that accepts at most a share ``far`` of different pairs (n,)."""
    allowed = int(far * len(different) + 1e-9)  # 1e-3 · 3000 must not become 2
    if allowed >= len(different):
        return float(np.nextafter(different.max(), np.inf))
    return float(np.partition(different, allowed)[allowed])


def val_interval(
    distances: NDArray[np.floating],
    same: NDArray[np.bool_],
    folds: NDArray[np.integer],
    far: float = FAR,
    draws: int = 1000,
) -> tuple[float, float]:
    """95 % confidence interval of :attr:`FoldVerification.val`, by bootstrap.

    In each draw, pairs are taken with replacement within each fold and kind, so that folds
    stay separate, and the protocol is run anew. Unlike an interval of a proportion, this
    includes the uncertainty of the threshold, which depends on very few different pairs. The
    random numbers are the same in every run.

    Args:
        distances: (p,) distance of each pair, as in :func:`verify_folds`.
        same: (p,) bool, whether a pair shows one person.
        folds: (p,) number of the fold of each pair.
        far: False accept rate of the strict threshold.
        draws: Number of draws; more make the ends less random.

    """
    _check(distances, same, folds)
    groups = [
        (distances[(folds == number) & same], distances[(folds == number) & ~same])
        for number in np.unique(folds)
    ]
    vals = list(_bootstrap(groups, far, draws))
    low, high = np.quantile(vals, [0.025, 0.975]).tolist()
    return low, high


def _bootstrap(
    groups: list[tuple[NDArray[np.floating], NDArray[np.floating]]], far: float, draws: int
) -> Iterator[float]:
    random = np.random.default_rng(0)
    for _ in range(draws):
        alike = [random.choice(group[0], len(group[0])) for group in groups]
        others = [random.choice(group[1], len(group[1])) for group in groups]
        shares = [
            float((own < threshold_at_far(_joined(others, left_out), far)).mean())
            for left_out, own in enumerate(alike)
        ]
        yield float(np.mean(shares))


def _joined(parts: list[NDArray[np.floating]], left_out: int) -> NDArray[np.floating]:
    return np.concatenate([*parts[:left_out], *parts[left_out + 1 :]])


def _error_of_mean(figures: NDArray[np.float64]) -> float:
    return float(figures.std(ddof=1) / np.sqrt(len(figures)))


def _check(
    distances: NDArray[np.floating], same: NDArray[np.bool_], folds: NDArray[np.integer]
) -> None:
    if not distances.shape == same.shape == folds.shape == (len(distances),):
        raise ValueError(f"shapes differ: {distances.shape}, {same.shape}, {folds.shape}")
    if not np.isfinite(distances).all():
        raise ValueError("every distance must be finite")
    numbers = np.unique(folds)
    if len(numbers) < 2:
        raise ValueError("the protocol needs two folds or more")
    for number in numbers:
        kinds = same[folds == number]
        if kinds.all() or not kinds.any():
            raise ValueError(f"fold {number} needs same and different pairs")
