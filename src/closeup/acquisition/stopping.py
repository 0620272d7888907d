"""When more labels no longer pay: by the learning curve, and by how much predictions still change.

Both must say so. The curve alone is noisy, since it is measured on few held-out pictures; stable
predictions alone (Bloodgood and Vijay-Shanker 2009, "A Method for Stopping Active Learning Based on
Stabilizing Predictions") do not tell what a further label is worth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_EXPONENTS = np.linspace(0.05, 2.0, 40)
"""Exponents of learning curves; published ones lie between."""

_DRAWS = 400
_INTERVAL = (0.05, 0.95)
_LEAST_ROUNDS = 3
"""A curve of three parameters needs as many points."""


@dataclass(frozen=True, slots=True)
class LabelRound:
    """What a round of labelling and training came to.

    Attributes:
        labels: Number of labels so far.
        figure: Share of held-out pictures on which the model is right, 0 to 1.
        count: Number of held-out pictures.
        agreement: Share of unlabelled samples whose prediction stayed as in the round before, by
            :func:`prediction_agreement`; None in the first round, and if it was not measured.

    Raises:
        ValueError: a number is out of range.

    """

    labels: int
    figure: float
    count: int
    agreement: float | None = None

    def __post_init__(self) -> None:
        shares = (self.figure, 1.0 if self.agreement is None else self.agreement)
        if self.labels < 0 or self.count < 1 or not all(0 <= share <= 1 for share in shares):
            raise ValueError(f"{self} is out of range")


@dataclass(frozen=True, slots=True)
class StoppingAdvice:
    """Whether more labels pay.

    Attributes:
        stop: Whether they do not.
        gain: Expected gain of the figure by the next labels; NaN if there are too few rounds.
        low: Lower end of the 90 % interval of the gain.
        high: Its upper end.
        sentence: The advice with its reasons, for people.

    """

    stop: bool
    gain: float
    low: float
    high: float
    sentence: str


@dataclass(frozen=True, slots=True)
class StoppingRule:
    """Advises to stop when the next labels are worth little and predictions have become stable.

    Attributes:
        least_gain: Gain of the figure that is worth the next labels.
        least_agreement: Mean agreement of the last rounds from which predictions are stable.
        rounds: Number of these last rounds; after each of them the gain must be too small, since a
            rule that is asked again and again stops at the first lucky figure. Bloodgood and
            Vijay-Shanker 2009 take three rounds, and 0.99 of a chance-corrected agreement.

    """

    least_gain: float = 0.005
    least_agreement: float = 0.98
    rounds: int = 2

    def advise(self, history: Sequence[LabelRound], budget: int, seed: int = 0) -> StoppingAdvice:
        """Advise after a round.

        Args:
            history: All rounds, the oldest first.
            budget: Number of labels that the next round would cost.
            seed: Determines the draws behind the interval.

        """
        if len({one.labels for one in history}) < _LEAST_ROUNDS:
            said = (
                f"Go on: what more labels are worth is known after {_LEAST_ROUNDS} rounds with "
                "different numbers of them."
            )
            return StoppingAdvice(False, np.nan, np.nan, np.nan, said)
        low, gain, high = expected_gain(history, budget, seed)
        bring = (
            f"the next {budget:,} labels should bring {100 * gain:.1f} percentage points "
            f"({100 * low:.1f} to {100 * high:.1f})"
        )
        if gain >= self.least_gain:
            return StoppingAdvice(False, gain, low, high, f"Go on: {bring}.")
        before = (history[: len(history) - past] for past in range(1, self.rounds))
        if not all(self._is_small(earlier, budget, seed) for earlier in before):
            said = f"Go on: {bring}, but so little is expected for the first time."
            return StoppingAdvice(False, gain, low, high, said)
        stable, told = self._stability(history)
        if not stable:
            return StoppingAdvice(False, gain, low, high, f"Go on: {bring}, but {told}.")
        return StoppingAdvice(True, gain, low, high, f"Stop: {bring}, and {told}.")

    def _is_small(self, history: Sequence[LabelRound], budget: int, seed: int) -> bool:
        """Whether the expected gain after earlier rounds was known, and not worth the labels."""
        if len({one.labels for one in history}) < _LEAST_ROUNDS:
            return False
        return expected_gain(history, budget, seed)[1] < self.least_gain

    def _stability(self, history: Sequence[LabelRound]) -> tuple[bool, str]:
        """Whether predictions are stable, and a clause that says it."""
        last = [one.agreement for one in history[-self.rounds :]]
        known = [agreement for agreement in last if agreement is not None]
        if len(known) < self.rounds:
            return False, "it is not known yet whether predictions are stable"
        mean = float(np.mean(known))
        same = f"{mean:.1%} of the predictions stayed the same in the last {self.rounds} rounds"
        if mean >= self.least_agreement:
            return True, same
        return False, f"only {same}, and {self.least_agreement:.1%} are needed"


def prediction_agreement(
    before: NDArray[np.float64], after: NDArray[np.float64], tolerance: float
) -> float:
    """Share of samples whose prediction stayed the same between two rounds.

    Args:
        before: (n, q) predictions of the model of the round before; NaN where it found nothing.
        after: (n, q) those of the present one on the same samples.
        tolerance: Largest distance of predictions that count as the same, in their unit.

    Raises:
        ValueError: the shapes differ, or there is no sample.

    """
    if before.shape != after.shape or not len(before):
        raise ValueError(f"predictions of shapes {before.shape} and {after.shape} do not compare")
    near = np.linalg.norm(after - before, axis=1) <= tolerance
    neither = np.isnan(before).any(axis=1) & np.isnan(after).any(axis=1)
    return float((near | neither).mean())


def expected_gain(
    history: Sequence[LabelRound], budget: int, seed: int = 0
) -> tuple[float, float, float]:
    """Gain of the figure by ``budget`` more labels: 5 %, 50 % and 95 % quantiles.

    The share of errors after n labels is taken for a + b · (n + 1)⁻ᶜ with a, b ≥ 0 and c from 0.05
    to 2, the usual shape of learning curves. It is fitted by least squares weighted by the binomial
    variance of each round; the quantiles are those of fits to 400 histories that are drawn from the
    first fit (parametric bootstrap). That takes rounds for independent, so it exaggerates noise
    where all are measured on the same pictures.

    Raises:
        ValueError: the history is empty.

    """
    if not history:
        raise ValueError("an empty history has no curve")
    labels = np.array([one.labels for one in history], np.float64) + 1
    counts = np.array([one.count for one in history], np.float64)
    errors = 1 - np.array([one.figure for one in history])
    weights = counts / np.maximum(errors * (1 - errors), 1 / counts)
    curve = _fitted(labels, errors[None], weights)
    drawn = np.random.default_rng(seed).binomial(
        counts.astype(np.int64), curve.at(labels)[0].clip(0, 1), (_DRAWS, len(labels))
    )
    curves = _fitted(labels, drawn / counts, weights)
    last = labels[-1:]
    gains = (curves.at(last) - curves.at(last + budget))[:, 0]
    low, middle, high = np.quantile(gains, [_INTERVAL[0], 0.5, _INTERVAL[1]]).tolist()
    return low, middle, high


@dataclass(frozen=True, slots=True, eq=False)
class _Curves:
    """Learning curves a + b · n⁻ᶜ, one an entry."""

    a: NDArray[np.float64]
    b: NDArray[np.float64]
    c: NDArray[np.float64]

    def at(self, labels: NDArray[np.float64]) -> NDArray[np.float64]:
        """Errors (curves, len(labels))."""
        return np.asarray(
            self.a[:, None] + self.b[:, None] * labels ** -self.c[:, None], np.float64
        )


def _fitted(
    labels: NDArray[np.float64], errors: NDArray[np.float64], weights: NDArray[np.float64]
) -> _Curves:
    """The best curve for each row of errors (k, rounds): all exponents are tried."""
    fits = [_line(labels**-c, errors, weights) for c in _EXPONENTS]
    best = np.argmin([loss for _, _, loss in fits], axis=0)
    rows = np.arange(len(errors))
    a = np.array([a for a, _, _ in fits])[best, rows]
    b = np.array([b for _, b, _ in fits])[best, rows]
    return _Curves(a, b, _EXPONENTS[best])


def _line(
    x: NDArray[np.float64], y: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Weighted least squares of y (k, rounds) ≈ a + b · x with a, b ≥ 0: a, b and loss (k,)."""
    share = weights / weights.sum()
    mean = float(share @ x)
    slope = (y * share) @ (x - mean) / max(float(share @ (x - mean) ** 2), 1e-12)
    through_zero = (y * share) @ x / max(float(share @ x**2), 1e-12)
    b = np.maximum(slope, 0)
    a = y @ share - b * mean
    below = a < 0
    a, b = np.where(below, 0, a), np.where(below, through_zero, b)
    loss = ((y - a[:, None] - b[:, None] * x) ** 2) @ share
    return a, b, loss
