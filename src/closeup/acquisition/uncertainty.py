"""The most uncertain samples first, by one of six measures, and samples drawn at random.

All take O(n log n) for n candidates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.acquisition.acquisition import Selection
from closeup.acquisition.candidates import LabelCandidates
from closeup.errors import InputError

RANDOM_REASON = "drawn at random"


def drawn_at_random(
    candidates: LabelCandidates, budget: int, rng: np.random.Generator
) -> Selection:
    """Draw samples with equal probabilities; see :class:`closeup.acquisition.Acquisition`."""
    rows = rng.permutation(len(candidates))[:budget]
    return Selection(rows, (RANDOM_REASON,) * len(rows))


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """Chooses the samples with the largest values of one measure.

    Samples whose value is NaN come after all others, in random order.

    Attributes:
        measure: Name of the measure in :class:`LabelCandidates`.
        reason: What a person reads, with ``value`` and ``unit`` in braces.
        summary: Computes the values (n,) from the measure; None: they are the measure.

    """

    measure: str
    reason: str
    summary: Callable[[NDArray[np.float64]], NDArray[np.float64]] | None = None

    def values(self, candidates: LabelCandidates) -> NDArray[np.float64]:
        """The values (n,), larger for more uncertain samples; NaN where unknown.

        Raises:
            InputError: the measure was not made.

        """
        measured = candidates.need(self.measure)
        return measured if self.summary is None else self.summary(measured)

    def explain(self, value: float, candidates: LabelCandidates) -> str:
        """The reason for one sample with this value."""
        if np.isnan(value):
            return RANDOM_REASON
        return self.reason.format(value=value, unit=candidates.unit)

    def __call__(
        self, candidates: LabelCandidates, budget: int, rng: np.random.Generator
    ) -> Selection:
        """See :class:`closeup.acquisition.acquisition.Acquisition`."""
        values = self.values(candidates)
        rows = descending(values, rng)[:budget]
        return Selection(rows, tuple(self.explain(values[row], candidates) for row in rows))


def ensemble_spread(predictions: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far models are apart: the root of the summed variances of all q numbers.

    Args:
        predictions: (m, n, q), NaN where a model found nothing.

    Returns:
        (n,) in the unit of the predictions. NaN if fewer than two models found the sample.

    Raises:
        InputError: there are fewer than two models.

    """
    if len(predictions) < 2:
        raise InputError("the spread of one model is not known; name two models or more")
    found = np.asarray(np.isfinite(predictions).all(axis=2))
    count = found.sum(axis=0)
    kept = np.where(found[..., None], predictions, 0)
    mean = kept.sum(axis=0) / np.maximum(count, 1)[:, None]
    squared = np.where(found[..., None], (predictions - mean) ** 2, 0).sum(axis=(0, 2))
    return np.where(count > 1, np.sqrt(squared / np.maximum(count - 1, 1)), np.nan)


def descending(values: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Rows from the largest value to the smallest, then those that are NaN in random order."""
    rows = np.argsort(-values, kind="stable")
    measured = len(values) - int(np.isnan(values).sum())
    return np.concatenate([rows[:measured], rng.permutation(rows[measured:])])


UNCERTAINTIES: Mapping[str, Uncertainty] = {
    "spread": Uncertainty(
        "predictions", "the models differ by {value:.2f} {unit}", ensemble_spread
    ),
    "entropy": Uncertainty("entropy", "the model hesitates between several places"),
    "expected-error": Uncertainty("expected", "the model expects to be off by {value:.2f} {unit}"),
    "disagreement": Uncertainty(
        "disagreement", "model and first proposal are {value:.2f} {unit} apart"
    ),
    "quality": Uncertainty("bad", "the proposed label is wrong with {value:.0%} probability"),
    "temporal": Uncertainty("change", "jumps by {value:.2f} {unit} from frame to frame"),
}
"""By name; ``closeup next --strategy`` takes the same names."""


def known_uncertainties(candidates: LabelCandidates) -> dict[str, Uncertainty]:
    """Those whose measure was made for some sample."""
    known = {}
    for name, uncertainty in UNCERTAINTIES.items():
        measured = getattr(candidates, uncertainty.measure)
        too_few = measured is None or (name == "spread" and len(measured) < 2)
        if not too_few and not np.isnan(uncertainty.values(candidates)).all():
            known[name] = uncertainty
    return known


def combined_rank(values: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Mean of the ranks (n,) in several measures: 1 for the most uncertain sample, 0 for the least.

    Samples of equal value share their mean rank, and one that a measure does not know has no rank
    in it. A sample that no measure knows gets one half.
    """
    ranks = np.array([_rank(measured) for measured in values])
    known = np.isfinite(ranks)
    total = np.where(known, ranks, 0).sum(axis=0)
    count = known.sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), 0.5)


def _rank(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks from 0 to 1 among the values that are not NaN."""
    ranks = np.full(len(values), np.nan)
    known = ~np.isnan(values)
    _, group, count = np.unique(values[known], return_inverse=True, return_counts=True)
    middle = np.cumsum(count) - (count + 1) / 2
    ranks[known] = middle[group] / max(int(known.sum()) - 1, 1)
    return ranks
