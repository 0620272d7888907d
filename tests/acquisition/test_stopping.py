from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.acquisition.stopping import (
    LabelRound,
    StoppingRule,
    expected_gain,
    prediction_agreement,
)

BUDGET = 100


def power_law(a: float, b: float, c: float) -> Callable[[int], float]:
    return lambda labels: a + b * labels**-c


def history(
    errors: Callable[[int], float],
    rounds: int,
    count: int,
    agreement: float | None = 0.99,
    seed: int | None = None,
) -> list[LabelRound]:
    """Rounds of 100 labels; with a seed the figures have the noise of their count."""
    rng = np.random.default_rng(seed)
    found = []
    for labels in range(BUDGET, BUDGET * (rounds + 1), BUDGET):
        error = errors(labels)
        if seed is not None:
            error = rng.binomial(count, error) / count
        found.append(LabelRound(labels, 1 - error, count, agreement))
    return found


@pytest.mark.parametrize("curve", [(0.05, 0.5, 0.5), (0.1, 2.0, 0.5), (0.0, 0.9, 0.2)])
def test_the_gain_of_a_curve_without_noise(curve: tuple[float, float, float]) -> None:
    errors = power_law(*curve)
    low, gain, high = expected_gain(history(errors, 8, 100_000), BUDGET)
    true = errors(800) - errors(900)
    assert gain == pytest.approx(true, rel=0.15, abs=5e-4)
    assert low - 5e-4 <= true <= high + 5e-4


@pytest.mark.parametrize("seed", range(5))
def test_the_interval_is_wider_for_fewer_pictures(seed: int) -> None:
    errors = power_law(0.05, 0.5, 0.5)
    wide, narrow = (
        expected_gain(history(errors, 6, count, seed=seed), BUDGET) for count in (100, 10_000)
    )
    assert wide[2] - wide[0] > narrow[2] - narrow[0]
    assert wide[0] <= wide[1] <= wide[2]


def test_it_stops_near_the_place_where_labels_no_longer_pay() -> None:
    """The gain of 100 labels falls below half a point at 1,300; steps of 100, 30 noisy runs."""
    errors = power_law(0.05, 5, 0.5)
    stops = []
    for seed in range(30):
        every = history(errors, 40, 824, seed=seed)
        stops.append(
            next(
                every[rounds - 1].labels
                for rounds in range(1, 41)
                if StoppingRule().advise(every[:rounds], BUDGET).stop
            )
        )
    assert 800 <= np.median(stops) <= 2000
    # Where one stopped too early, the next labels were not worth three points.
    assert errors(min(stops)) - errors(min(stops) + BUDGET) < 0.03


@pytest.mark.parametrize("seed", range(10))
def test_it_goes_on_where_the_curve_is_steep(seed: int) -> None:
    steep = history(power_law(0.0, 6.0, 0.5), 4, 824, seed=seed)
    advice = StoppingRule().advise(steep, BUDGET)
    assert not advice.stop
    assert advice.sentence.startswith("Go on: the next 100 labels should bring")


def test_a_flat_curve_with_changing_predictions_goes_on() -> None:
    flat = history(lambda _: 0.05, 6, 824, agreement=0.9)
    advice = StoppingRule().advise(flat, BUDGET)
    assert not advice.stop
    assert advice.gain < 0.005
    assert advice.sentence == (
        "Go on: the next 100 labels should bring "
        f"{100 * advice.gain:.1f} percentage points ({100 * advice.low:.1f} to "
        f"{100 * advice.high:.1f}), but only 90.0% of the predictions stayed the same in the last "
        "2 rounds, and 98.0% are needed."
    )


def test_a_flat_curve_with_stable_predictions_stops() -> None:
    advice = StoppingRule().advise(history(lambda _: 0.05, 6, 824), BUDGET)
    assert advice.stop
    assert advice.sentence.startswith("Stop: the next 100 labels should bring 0.")
    assert "99.0% of the predictions stayed the same" in advice.sentence


def test_one_small_gain_is_not_enough() -> None:
    """Three rounds tell a gain for the first time."""
    advice = StoppingRule().advise(history(lambda _: 0.05, 3, 824), BUDGET)
    assert not advice.stop
    assert advice.sentence.endswith("but so little is expected for the first time.")


def test_stability_that_was_not_measured_is_not_stability() -> None:
    flat = history(lambda _: 0.05, 6, 824, agreement=None)
    advice = StoppingRule().advise(flat, BUDGET)
    assert not advice.stop
    assert "not known yet" in advice.sentence


@pytest.mark.parametrize("rounds", [0, 1, 2])
def test_few_rounds_say_nothing(rounds: int) -> None:
    advice = StoppingRule().advise(history(lambda _: 0.05, rounds, 824), BUDGET)
    assert not advice.stop
    assert np.isnan(advice.gain)
    assert "3 rounds" in advice.sentence


def test_rounds_with_the_same_labels_count_once() -> None:
    again = [LabelRound(100, 0.9, 100, 0.99)] * 5
    assert np.isnan(StoppingRule().advise(again, BUDGET).gain)


def test_a_round_without_labels_and_a_perfect_one() -> None:
    """The first round has coarse labels only; a model that is always right gains nothing."""
    from_nothing = [LabelRound(labels, 1.0, 50, 1.0) for labels in (0, 50, 100, 150)]
    advice = StoppingRule().advise(from_nothing, 50)
    assert advice.stop
    assert advice.gain == pytest.approx(0, abs=1e-6)


@given(
    st.lists(
        st.tuples(st.integers(0, 10**6), st.floats(0, 1), st.integers(1, 5000)),
        min_size=3,
        max_size=8,
    ),
    st.integers(1, 10_000),
)
def test_any_history_has_a_gain_within_what_is_left(
    rounds: list[tuple[int, float, int]], budget: int
) -> None:
    every = [LabelRound(*one) for one in sorted(rounds)]
    low, gain, high = expected_gain(every, budget)
    assert -1e-9 <= low <= gain <= high
    assert (low, gain, high) == expected_gain(every, budget)


@pytest.mark.parametrize(
    "numbers", [(-1, 0.5, 10), (0, 1.5, 10), (0, 0.5, 0), (0, 0.5, 10, 2.0), (0, np.nan, 10)]
)
def test_rounds_out_of_range(numbers: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="out of range"):
        LabelRound(*numbers)  # type: ignore[arg-type]


def test_agreement_counts_what_stayed_near() -> None:
    before = np.array([[0.0, 0], [1, 1], [2, 2], [np.nan, np.nan], [3, 3], [np.nan, 0]])
    after = np.array([[0.0, 0.01], [1, 2], [2, 2], [np.nan, np.nan], [np.nan, 3], [0, 0]])
    assert prediction_agreement(before, after, 0.02) == pytest.approx(3 / 6)
    with pytest.raises(ValueError, match="do not compare"):
        prediction_agreement(before, after[:2], 0.02)
    with pytest.raises(ValueError, match="do not compare"):
        prediction_agreement(before[:0], after[:0], 0.02)
