"""Areas between curves, and labels needed to reach a level."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.typing import NDArray

from closeup.evaluation.active_study import (
    LearningCurves,
    area_weights,
    compared,
    curve_rows,
    interval_over_both,
    interval_over_seeds,
    labels_needed,
    mean_gaps,
    needed_and_saved,
)
from closeup.evaluation.plots import draw_active_curves

LABELS = np.array([20, 50, 100, 400])

ascending = st.lists(st.integers(1, 5000), min_size=2, max_size=9, unique=True).map(
    lambda numbers: np.array(sorted(numbers))
)


def curves(shares: list[float], seeds: int = 3, photos: int = 100) -> LearningCurves:
    """Errors of which the given share of photos is small at each number of labels."""
    errors = np.full((seeds, len(shares), photos), 0.09, np.float32)
    for number, share in enumerate(shares):
        errors[:, number, : round(share * photos)] = 0.02
    return LearningCurves(LABELS, errors)


@given(ascending, st.floats(-2, 2), st.floats(-2, 2))
def test_a_curve_that_is_a_line_over_the_logarithm_has_its_middle_as_mean(
    labels: NDArray[np.int64], first: float, last: float
) -> None:
    places = np.log2(labels)
    line = first + (last - first) * (places - places[0]) / (places[-1] - places[0])
    assert np.isclose(area_weights(labels) @ line, (first + last) / 2)


@given(ascending, st.integers(0, 2**32 - 1))
def test_a_gap_is_minus_the_gap_of_the_other(labels: NDArray[np.int64], seed: int) -> None:
    ours, others = np.random.default_rng(seed).random((2, 3, len(labels), 4))
    gaps = mean_gaps(labels, ours, others)
    assert gaps.shape == (3, 4)
    assert np.allclose(gaps, -mean_gaps(labels, others, ours))
    assert np.allclose(mean_gaps(labels, others + 0.25, others), 0.25)


@given(ascending, st.integers(0, 2**32 - 1), st.floats(0, 1), st.floats(0, 1))
def test_a_higher_level_needs_more_labels(
    labels: NDArray[np.int64], seed: int, level: float, other: float
) -> None:
    curve = np.random.default_rng(seed).random(len(labels))
    low, high = (labels_needed(labels, curve, own) for own in sorted((level, other)))
    assert np.isnan(high) or low <= high
    assert np.isnan(high) == (curve.max() < max(level, other))
    assert np.isnan(low) or labels[0] <= low <= labels[-1]


def test_labels_are_interpolated() -> None:
    curve = np.array([0.8, 0.9, 0.88, 0.94])
    assert labels_needed(LABELS, curve, 0.85) == pytest.approx(35)
    assert labels_needed(LABELS, curve, 0.9) == 50
    assert labels_needed(LABELS, curve, 0.92) == pytest.approx(250)  # 0.88 is taken for 0.9
    assert labels_needed(LABELS, curve, 0.5) == 20
    assert np.isnan(labels_needed(LABELS, curve, 0.95))


def test_a_saving_has_an_interval_only_where_both_reach_the_level() -> None:
    rng = np.random.default_rng(0)
    ours = np.array([0.8, 0.9, 0.92, 0.94]) + rng.normal(0, 0.002, (30, 4))
    others = np.array([0.8, 0.85, 0.9, 0.93]) + rng.normal(0, 0.002, (30, 4))
    told = needed_and_saved(LABELS, ours, others, 0.89)
    assert told["needed"] < told["needed_random"] < 100
    low, high = told["saved_interval"]
    assert low < told["saved"] < high
    assert low > 0.4
    assert high < 0.6
    never = needed_and_saved(LABELS, ours, others, 0.99)
    assert never["needed"] is never["saved"] is never["saved_interval"] is None


def test_intervals_hold_the_mean_and_photos_make_them_wider() -> None:
    rng = np.random.default_rng(1)
    gaps = 0.5 + rng.normal(0, 0.1, (40, 1)) + rng.normal(0, 2, (1, 60))
    seeds, both = interval_over_seeds(gaps), interval_over_both(gaps)
    assert both[0] < seeds[0] < gaps.mean() < seeds[1] < both[1]
    assert seeds == interval_over_seeds(gaps)


def test_a_better_strategy_is_told_as_better() -> None:
    ours, others = curves([0.8, 0.9, 0.9, 0.95]), curves([0.8, 0.85, 0.88, 0.95])
    told = compared(ours, others, (0.85,))
    assert told["seeds"] == told["within"]["better"] == told["error"]["better"] == 3
    low, high = told["within"]["interval"]
    assert 0 < low < told["within"]["gap"] < high
    assert told["error"]["gap"] > 0
    assert told["levels"][0]["saved"] == pytest.approx(0.3)
    same = compared(ours, ours, ())
    assert same["within"]["gap"] == same["within"]["better"] == 0


def test_an_eye_without_a_pupil_is_a_failure_with_a_limited_error() -> None:
    errors = np.array([[[0.01, np.inf], [0.05, 0.06]]], np.float32)
    own = LearningCurves(np.array([2, 4]), errors)
    first, second = curve_rows("random", own)
    assert (first["within"], second["within"]) == (0.5, 0.5)
    assert first["error"] == pytest.approx(0.13)
    assert first["within_sd"] is None
    assert (first["strategy"], first["labels"], first["seeds"]) == ("random", 2, 1)


@pytest.mark.parametrize("labels", [[20], [20, 20], [50, 20], [0, 20]])
def test_numbers_of_labels_ascend(labels: list[int]) -> None:
    with pytest.raises(ValueError, match="at least two ascending"):
        LearningCurves(np.array(labels), np.zeros((1, len(labels), 1), np.float32))
    with pytest.raises(ValueError, match="2 budgets and errors"):
        LearningCurves(np.array([1, 2]), np.zeros((1, 3, 1), np.float32))


def test_curves_are_drawn(tmp_path: Path) -> None:
    rows = [
        row
        for name, shares in (("random", [0.8, 0.85, 0.9, 0.92]), ("spread", [0.8, 0.9, 0.92, 0.94]))
        for row in curve_rows(name, curves(shares))
    ]
    draw_active_curves(tmp_path / "active.png", rows, (0.9, 0.95))
    assert (tmp_path / "active.png").stat().st_size > 10_000
