"""One pupil from the answers of several methods that are wrong in ways of their own.

Each method has a constant error, which a few labels by hand reveal, and a random one. Methods that
look for the same thing, such as a dark disc, err together: three of them are hardly better than
one. The weights of the best linear combination take that into account (generalised least squares,
Aitken 1936): the inverse of the covariance of the methods' errors, summed over its rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.pupils.calibration import LEAST_PHOTOS, fit_offset

_REACH = 0.1
"""Eye distances; an answer farther from the truth, as a brow, tells nothing of usual errors."""
_SHRINKAGE = 0.1
"""Share of the mean variance that is added to each: the covariance of a few labels is noisy."""
_APART = 0.05
"""Eye distances between answers at which their agreement has fallen to e^-1/2."""
_ALONE = 0.3
"""Agreement of an answer that no second method can confirm."""


@dataclass(frozen=True, slots=True, eq=False)
class ConsensusWeights:
    """What is known of m methods.

    Attributes:
        offsets: (m, 2) what is added to the answers of each, in eye distances.
        weights: (m,) share of each in the consensus; not negative, of sum 1.

    """

    offsets: NDArray[np.float64]
    weights: NDArray[np.float64]

    @classmethod
    def equal(cls, methods: int) -> ConsensusWeights:
        """Weights of methods of which nothing is known."""
        return cls(np.zeros((methods, 2)), np.full(methods, 1 / methods))

    @classmethod
    def fitted(cls, found: NDArray[np.floating], truth: NDArray[np.floating]) -> ConsensusWeights:
        """Offsets and weights from labels by hand.

        Args:
            found: (m, n, 2) answers of m methods for n eyes, in eye distances; NaN where a method
                found nothing. Left eyes are mirrored, so that one offset serves both.
            truth: (n, 2) labels by hand, likewise; NaN where there is none.

        Returns:
            The fitted ones; equal weights without offsets if fewer than five eyes have a label
            and an answer of every method.

        """
        errors = found.astype(np.float64) - truth
        near = (np.linalg.norm(errors, axis=2) < _REACH).all(axis=0)
        if near.sum() < LEAST_PHOTOS:
            return cls.equal(len(found))
        offsets = np.array([fit_offset(-own[near]) for own in errors])
        random = (errors + offsets[:, None])[:, near]
        covariance = np.einsum("ink,jnk->ij", random, random) / random[0].size
        covariance += _SHRINKAGE * np.trace(covariance) / len(found) * np.eye(len(found))
        weights = np.linalg.solve(covariance, np.ones(len(found))).clip(0)
        return cls(offsets, weights / weights.sum())


@dataclass(frozen=True, slots=True, eq=False)
class PupilConsensus:
    """The pupils on which methods agree.

    Attributes:
        points: (n, 2) in eye distances; NaN where no method found one.
        agreement: (n,) from 0 to 1: 1 where all methods are in one place, 0 without a point.

    """

    points: NDArray[np.float64]
    agreement: NDArray[np.float64]


def pupil_consensus(found: NDArray[np.floating], known: ConsensusWeights) -> PupilConsensus:
    """The weighted mean of the methods' answers.

    The agreement is ``exp(-(d / 0.05)² / 2)``, where ``d`` is the weighted root mean square of
    the distances between two answers, in eye distances; 0.3 where only one method answered.

    Args:
        found: (m, n, 2) answers as in :meth:`ConsensusWeights.fitted`.
        known: Offsets and weights of the methods.

    """
    moved = found.astype(np.float64) + known.offsets[:, None]
    weights = np.where(np.isfinite(moved).all(axis=2), known.weights[:, None], 0.0)
    total = weights.sum(axis=0)
    moved = np.nan_to_num(moved)
    with np.errstate(invalid="ignore", divide="ignore"):
        points = (weights[..., None] * moved).sum(axis=0) / total[:, None]
        away = np.square(moved - points).sum(axis=2)
        apart = 2 * (weights * away).sum(axis=0) / total
    agreement = np.exp(-apart / _APART**2 / 2)
    agreement = np.where((weights > 0).sum(axis=0) > 1, agreement, _ALONE)
    return PupilConsensus(points, np.where(total > 0, agreement, 0.0))
