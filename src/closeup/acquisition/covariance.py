"""A batch that teaches as much as possible together, by the covariance of ensemble predictions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from closeup.acquisition.acquisition import Selection
from closeup.acquisition.candidates import LabelCandidates
from closeup.acquisition.uncertainty import RANDOM_REASON, ensemble_spread
from closeup.errors import InputError


def covariance(candidates: LabelCandidates, budget: int, rng: np.random.Generator) -> Selection:
    """Choose a batch after Kirsch 2023, "Black-Box Batch Active Learning for Regression" (TMLR).

    The predictions of the models are taken for draws from one Gaussian over all samples; its
    covariance needs nothing of the models' insides. A sample is chosen for the information that
    its label gives beyond those chosen before: the gain of log det(I + K / σ²), which is BatchBALD
    for a Gaussian, by greedy search. So two samples on which the models err alike are not both
    chosen. The noise σ of labels is the median spread of the samples. It takes O(n · q · m²) a
    choice for n samples with q numbers by m models: 20,000 samples with a budget of 200 take
    seconds. Samples that fewer than two models found come last, in random order.

    Raises:
        InputError: fewer than two models predicted.

    """
    predictions = candidates.need("predictions")
    if len(predictions) < 2:
        raise InputError("the covariance needs two models or more; name them with --model")
    spread = ensemble_spread(predictions)
    usable = np.flatnonzero(np.isfinite(spread))
    chosen = usable[informative_batch(predictions[:, usable], budget)]
    left = rng.permutation(np.setdiff1d(np.arange(len(candidates)), chosen))
    more = left[: budget - len(chosen)]
    told = tuple(
        f"the models differ by {spread[row]:.2f} {candidates.unit}, in a new way" for row in chosen
    )
    return Selection(np.concatenate([chosen, more]), told + (RANDOM_REASON,) * len(more))


def informative_batch(predictions: NDArray[np.float64], budget: int) -> NDArray[np.int64]:
    """Rows of samples in the order of greedy choice; predictions (m, n, q) may hold NaN.

    With the factor F of a sample's covariance F Fᵀ, q × m, the determinant of n · q rows is one of
    m: det(I + Σ Fᵀ F / σ²); so a choice only updates an m × m matrix.
    """
    factors = _factors(predictions)
    count = min(budget, len(factors))
    information = np.eye(factors.shape[2])
    chosen = np.empty(count, np.int64)
    left = np.ones(len(factors), bool)
    for i in range(count):
        gains = _gains(factors, np.asarray(np.linalg.inv(information), np.float64))
        chosen[i] = np.argmax(np.where(left, gains, -np.inf))
        factor = factors[chosen[i]]
        information += factor.T @ factor
        left[chosen[i]] = False
    return chosen


def _factors(predictions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Factors (n, q, m) of the covariances, in units of the noise."""
    found = np.isfinite(predictions)
    count = np.maximum(found.sum(axis=0), 1)
    kept = np.where(found, predictions, 0)
    centred = np.where(found, kept - kept.sum(axis=0) / count, 0)
    factors = centred.transpose(1, 2, 0) / np.sqrt(np.maximum(count - 1, 1))[..., None]
    spread = np.sqrt((factors**2).sum(axis=(1, 2)))
    noise = np.median(spread[spread > 0]) if (spread > 0).any() else 1.0
    return np.asarray(factors / noise)


def _gains(factors: NDArray[np.float64], inverse: NDArray[np.float64]) -> NDArray[np.float64]:
    """Gain (n,) of log det by each sample."""
    within = factors @ inverse @ factors.transpose(0, 2, 1)
    return np.asarray(np.linalg.slogdet(np.eye(factors.shape[1]) + within).logabsdet, np.float64)
