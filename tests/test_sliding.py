from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, median_filter, minimum_filter1d, uniform_filter1d

import closeup.sliding as module
from closeup.sliding import sliding_maximum, sliding_mean, sliding_median, sliding_minimum

Filter = Callable[[NDArray[np.float64], int], NDArray[np.float64]]

PAIRS: list[tuple[Filter, Filter]] = [
    (sliding_maximum, lambda values, length: maximum_filter1d(values, length)),
    (sliding_minimum, lambda values, length: minimum_filter1d(values, length)),
    (sliding_median, lambda values, length: median_filter(values, length)),
    (sliding_mean, lambda values, length: uniform_filter1d(values, length, mode="nearest")),
]

numbers = st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30)


@pytest.mark.parametrize(("own", "scipys"), PAIRS, ids=["maximum", "minimum", "median", "mean"])
@given(values=numbers, half=st.integers(0, 15))
def test_the_filters_are_those_of_scipy(
    own: Filter, scipys: Filter, values: list[float], half: int
) -> None:
    column, length = np.array(values), 2 * min(half, len(values) - 1) + 1
    assert own(column, length) == pytest.approx(scipys(column, length), abs=1e-9)


def test_truth_values_stay_truth_values() -> None:
    mask = np.array([False, False, True, False, False])
    assert sliding_maximum(mask, 3).tolist() == [False, True, True, True, False]
    assert sliding_minimum(mask, 3).dtype == bool


def test_a_long_column_is_filtered_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    column = np.random.default_rng(0).random(1000)
    whole = sliding_median(column, 31)
    monkeypatch.setattr(module, "_BLOCK", 7)
    assert np.array_equal(sliding_median(column, 31), whole)
