"""Statistics of learning curves: areas between them, and labels needed to reach a level.

Curves are paired: with one seed, all strategies begin with the same labels. An area between two
curves is the mean of their difference over the binary logarithm of the number of labels, so that
each doubling counts the same (Guyon et al. 2011, "Results of the Active Learning Challenge").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from closeup.evaluation.pupil_errors import LIMITS

_DRAWS = 2000
_CUT = LIMITS[-1]
"""Eye distances that an error counts at most in a mean error; that of an eye without a pupil."""


@dataclass(frozen=True, slots=True, eq=False)
class LearningCurves:
    """Test errors of one strategy over the number of labels.

    Attributes:
        labels: (b,) numbers of labelled photos, ascending.
        errors: (s, b, n) errors of the worse eye of n test photos for s seeds, in eye distances;
            infinite without a pupil.

    Raises:
        ValueError: the shapes do not fit, or the numbers do not ascend.

    """

    labels: NDArray[np.int64]
    errors: NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.errors.ndim != 3 or self.errors.shape[1] != len(self.labels):
            raise ValueError(f"{len(self.labels)} budgets and errors of {self.errors.shape}")
        if len(self.labels) < 2 or (np.diff(self.labels) <= 0).any() or self.labels[0] < 1:
            raise ValueError("a curve needs at least two ascending numbers of labels")

    @property
    def within(self) -> NDArray[np.float64]:
        """(s, b, n), 1 where the worse eye is within the smallest limit, else 0."""
        return (self.errors <= LIMITS[0]).astype(np.float64)

    @property
    def cut_errors(self) -> NDArray[np.float64]:
        """(s, b, n) errors, at most 0.25."""
        return np.minimum(self.errors, _CUT).astype(np.float64)


def area_weights(labels: NDArray[np.integer]) -> NDArray[np.float64]:
    """Weights (b,) whose product with a curve is its mean over the logarithm of the labels."""
    places = np.log2(labels)
    steps = np.diff(places) / (places[-1] - places[0])
    return np.asarray((np.append(steps, 0) + np.append(0, steps)) / 2)


def mean_gaps(
    labels: NDArray[np.integer], ours: NDArray[np.float64], others: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Area between curves (s, b, n) of each seed and photo: (s, n), positive if ours is higher."""
    return np.asarray(np.einsum("b,sbn->sn", area_weights(labels), ours - others))


def interval_over_seeds(gaps: NDArray[np.float64], seed: int = 0) -> tuple[float, float]:
    """95 % interval of the mean of gaps (s, n) by resampling the seeds."""
    values = gaps.mean(axis=1)
    return _interval(lambda rng: float(values[_drawn(rng, len(values))].mean()), seed)


def interval_over_both(gaps: NDArray[np.float64], seed: int = 0) -> tuple[float, float]:
    """The same by resampling seeds and photos, both of which might have been others."""

    def draw(rng: np.random.Generator) -> float:
        seeds, photos = (np.bincount(_drawn(rng, n), minlength=n) for n in gaps.shape)
        return float(seeds @ gaps @ photos / gaps.size)

    return _interval(draw, seed)


def labels_needed(labels: NDArray[np.integer], curve: NDArray[np.float64], level: float) -> float:
    """Number of labels at which a rising curve (b,) reaches a level, interpolated linearly.

    The curve is taken as its running maximum. NaN if it does not reach the level; the first number
    of labels if it begins above.
    """
    rising = np.maximum.accumulate(curve)
    at = int(np.searchsorted(rising, level))
    if at == len(rising):
        return float("nan")
    if at == 0:
        return float(labels[0])
    share = (level - rising[at - 1]) / (rising[at] - rising[at - 1])
    return float(labels[at - 1] + share * (labels[at] - labels[at - 1]))


def needed_and_saved(
    labels: NDArray[np.integer],
    ours: NDArray[np.float64],
    others: NDArray[np.float64],
    level: float,
    seed: int = 0,
) -> dict[str, Any]:
    """Labels that a strategy and random need for a level, on the mean curves over seeds.

    Args:
        labels: (b,) numbers of labels.
        ours: (s, b) curves of the strategy, larger is better.
        others: (s, b) curves of random labels.
        level: The level.
        seed: Determines the resamples of seeds.

    Returns:
        ``level``; ``needed`` and ``needed_random``, None if not reached; ``saved``, the share of
        the labels of random that is saved, and ``saved_interval`` (95 %) by resampling seeds,
        both None unless both reach the level, the interval also unless they do in nine of ten
        resamples.

    """
    own, random = (labels_needed(labels, curve.mean(axis=0), level) for curve in (ours, others))
    saved = 1 - own / random
    rng = np.random.default_rng(seed)
    draws = np.array([_saved(labels, ours, others, level, rng) for _ in range(_DRAWS // 4)])
    known = draws[np.isfinite(draws)]
    sure = np.isfinite(saved) and len(known) >= 0.9 * len(draws)
    return {
        "level": level,
        "needed": _number(own),
        "needed_random": _number(random),
        "saved": _number(saved),
        "saved_interval": np.quantile(known, [0.025, 0.975]).tolist() if sure else None,
    }


def compared(
    ours: LearningCurves, others: LearningCurves, levels: Sequence[float]
) -> dict[str, Any]:
    """Compare a strategy with random labels.

    Returns:
        For ``within`` (share of photos within 0.05) and ``error`` (mean error of the worse eye,
        at most 0.25; the gap is positive if ours is smaller): ``gap``, the area between the curves,
        ``seeds_interval``, ``interval`` (over seeds and photos), and ``better``, the number of
        seeds with a positive gap. ``seeds``, and ``levels``: rows of :func:`needed_and_saved`.

    """
    labels = ours.labels
    gaps = {
        "within": mean_gaps(labels, ours.within, others.within),
        "error": mean_gaps(labels, others.cut_errors, ours.cut_errors),
    }
    own, random = ours.within.mean(axis=2), others.within.mean(axis=2)
    return {
        "seeds": len(ours.errors),
        **{name: _gap(values) for name, values in gaps.items()},
        "levels": [needed_and_saved(labels, own, random, level) for level in levels],
    }


def curve_rows(name: str, curves: LearningCurves) -> list[dict[str, Any]]:
    """One row per number of labels: means over seeds and their standard deviations.

    Returns:
        ``strategy``, ``labels``, ``seeds``, ``within`` and ``error`` as in :func:`compared`, with
        ``within_sd`` and ``error_sd`` (None for a single seed).

    """
    values = {"within": curves.within.mean(axis=2), "error": curves.cut_errors.mean(axis=2)}
    rows = []
    for number, labels in enumerate(curves.labels.tolist()):
        row: dict[str, Any] = {"strategy": name, "labels": labels, "seeds": len(curves.errors)}
        for figure, own in values.items():
            row[figure] = float(own[:, number].mean())
            row[f"{figure}_sd"] = float(own[:, number].std(ddof=1)) if len(own) > 1 else None
        rows.append(row)
    return rows


def _gap(gaps: NDArray[np.float64]) -> dict[str, Any]:
    return {
        "gap": float(gaps.mean()),
        "seeds_interval": list(interval_over_seeds(gaps)),
        "interval": list(interval_over_both(gaps)),
        "better": int((gaps.mean(axis=1) > 0).sum()),
    }


def _saved(
    labels: NDArray[np.integer],
    ours: NDArray[np.float64],
    others: NDArray[np.float64],
    level: float,
    rng: np.random.Generator,
) -> float:
    seeds = _drawn(rng, len(ours))
    own, random = (labels_needed(labels, c[seeds].mean(axis=0), level) for c in (ours, others))
    return 1 - own / random


def _drawn(rng: np.random.Generator, count: int) -> NDArray[np.int64]:
    return rng.integers(0, count, count)


def _interval(draw: Callable[[np.random.Generator], float], seed: int) -> tuple[float, float]:
    rng = np.random.default_rng(seed)
    low, high = np.quantile([draw(rng) for _ in range(_DRAWS)], [0.025, 0.975]).tolist()
    return low, high


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
