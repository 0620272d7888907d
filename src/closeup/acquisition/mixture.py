"""A mixture for everyday use: typical samples first, uncertain ones later, and random ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.acquisition.acquisition import Selection
from closeup.acquisition.candidates import LabelCandidates
from closeup.acquisition.covariance import informative_batch
from closeup.acquisition.diversity import k_centres, typicality
from closeup.acquisition.uncertainty import (
    RANDOM_REASON,
    Uncertainty,
    combined_rank,
    known_uncertainties,
)


@dataclass(frozen=True, slots=True)
class Mixture:
    """Chooses typical samples while labels are few, and uncertain ones that differ later.

    Uncertain samples are those with the highest mean rank in all uncertainties that are known; of
    ``pool`` times the budget, a k-centre search chooses ones that differ in their features, or if
    these are unknown, the covariance of the models' predictions. Without any measure all are drawn
    at random. Random ones are distributed evenly in the order.

    Attributes:
        few: Number of labels up to which typical samples are chosen; labelled and chosen ones
            count. Typical ones need features.
        pool: Size of the pool of uncertain samples, in budgets.
        random_share: Share of the budget that is drawn at random, so that what the model is wrongly
            sure of is seen, too.
        per_picture: Largest number of samples from one picture. Fewer than the budget are chosen
            if it leaves no more. None: no limit.

    Raises:
        ValueError: a value is out of range.

    """

    few: int = 100
    pool: float = 8.0
    random_share: float = 0.15
    per_picture: int | None = 2

    def __post_init__(self) -> None:
        if self.few < 0 or self.pool < 1 or not 0 <= self.random_share <= 1:
            raise ValueError(f"{self} is out of range")
        if self.per_picture is not None and self.per_picture < 1:
            raise ValueError(f"per_picture must be at least 1, not {self.per_picture}")

    def __call__(
        self, candidates: LabelCandidates, budget: int, rng: np.random.Generator
    ) -> Selection:
        """See :class:`closeup.acquisition.acquisition.Acquisition`."""
        batch = _Batch(candidates, self.per_picture)
        useful = budget - round(self.random_share * budget)
        if candidates.features is not None:
            labelled = 0 if candidates.labelled is None else len(candidates.labelled)
            self._add_typical(batch, min(max(self.few - labelled, 0), useful), rng)
        self._add_uncertain(batch, useful - len(batch.rows))
        chosen = len(batch.rows)
        batch.add(rng.permutation(len(candidates)), budget - chosen)
        return _interleaved(batch, chosen)

    def _add_typical(self, batch: _Batch, count: int, rng: np.random.Generator) -> None:
        found = typicality(batch.candidates, count, rng)
        batch.add(found.rows, count, found.reasons)

    def _add_uncertain(self, batch: _Batch, count: int) -> None:
        known = known_uncertainties(batch.candidates)
        if not known or count <= 0:
            return
        values = {name: measure.values(batch.candidates) for name, measure in known.items()}
        rank = combined_rank(list(values.values()))
        order = np.argsort(-rank, kind="stable")
        pool = batch.allowed(order, round(self.pool * count))
        rows = pool[_differing(batch, pool, count)]
        batch.add(rows, count, _reasons(rows, known, values, batch.candidates))


class _Batch:
    """The samples chosen so far."""

    def __init__(self, candidates: LabelCandidates, per_picture: int | None) -> None:
        self.candidates = candidates
        self.rows: list[int] = []
        self.reasons: list[str] = []
        self._most = len(candidates) if per_picture is None else per_picture

    def allowed(self, rows: NDArray[np.int64], count: int) -> NDArray[np.int64]:
        """The first of the rows that are not chosen and that the limit per picture allows."""
        pictures = self.candidates.pictures.tolist()
        taken = Counter(pictures[row] for row in self.rows)
        chosen = set(self.rows)
        kept: list[int] = []
        for row in rows.tolist():
            if len(kept) >= count:
                break
            if row not in chosen and taken[pictures[row]] < self._most:
                taken[pictures[row]] += 1
                kept.append(row)
        return np.array(kept, np.int64)

    def add(
        self, rows: NDArray[np.int64], count: int, reasons: Sequence[str] | None = None
    ) -> None:
        """Choose the first allowed rows; without reasons they were drawn at random."""
        told = dict(zip(rows.tolist(), reasons or [RANDOM_REASON] * len(rows), strict=True))
        allowed = self.allowed(rows, count).tolist()
        self.rows += allowed
        self.reasons += [told[row] for row in allowed]


def _differing(batch: _Batch, pool: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Places in the pool of samples that differ from each other and from the labelled ones."""
    candidates = batch.candidates
    if candidates.features is not None and np.isfinite(candidates.features[pool]).all():
        centres = candidates.features[batch.rows]
        if candidates.labelled is not None:
            centres = np.concatenate([candidates.labelled, centres])
        return k_centres(candidates.features[pool], centres[np.isfinite(centres).all(1)], count)
    if candidates.predictions is not None and len(candidates.predictions) > 1:
        return informative_batch(candidates.predictions[:, pool], count)
    return np.arange(min(count, len(pool)))


def _reasons(
    rows: NDArray[np.int64],
    known: Mapping[str, Uncertainty],
    values: Mapping[str, NDArray[np.float64]],
    candidates: LabelCandidates,
) -> list[str]:
    """For each row the reason of the measure in which its rank is the highest."""
    ranks = {name: combined_rank([measured]) for name, measured in values.items()}
    best = [max(ranks, key=lambda name: float(ranks[name][row])) for row in rows]
    return [
        known[name].explain(float(values[name][row]), candidates)
        for row, name in zip(rows, best, strict=True)
    ]


def _interleaved(batch: _Batch, useful: int) -> Selection:
    """The useful samples in their order, with the random ones at even distances among them."""
    count = len(batch.rows)
    places = np.concatenate(
        [
            (np.arange(useful) + 0.5) / max(useful, 1),
            (np.arange(count - useful) + 0.5) / max(count - useful, 1),
        ]
    )
    order = np.argsort(places, kind="stable")
    rows = np.array(batch.rows, np.int64)[order]
    return Selection(rows, tuple(batch.reasons[place] for place in order.tolist()))
