from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from closeup.fancam.camera.moving_average import moving_average


def test_each_value_is_the_mean_of_its_neighbours() -> None:
    times = np.arange(60) / 25
    values = np.random.default_rng(0).normal(500, 100, 60)
    smooth = moving_average(values, times)
    for frame in (0, 3, 30, 55, 59):
        near = np.abs(times - times[frame]) < 0.5 + 1e-6
        np.testing.assert_allclose(smooth[frame], values[near].mean())
    assert (np.abs(times - times[30]) < 0.5 + 1e-6).sum() == 25


def test_time_counts_not_frames() -> None:
    times = np.array([0.0, 0.4, 2.0, 2.1])
    np.testing.assert_allclose(moving_average(np.array([0.0, 2, 8, 4]), times), [1, 1, 6, 6])


def test_a_line_stays_a_line_away_from_the_ends() -> None:
    times = np.arange(200) / 30
    line = np.column_stack([3 * times, 7 - times])
    np.testing.assert_allclose(moving_average(line, times)[20:-20], line[20:-20], atol=1e-9)


@given(st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=50), st.floats(0.01, 5))
def test_it_stays_between_least_and_greatest(values: list[float], window: float) -> None:
    column = np.array(values)
    smooth = moving_average(column, np.arange(len(values)) / 24, window)
    assert smooth.shape == column.shape
    assert smooth.min() >= column.min() - 1e-6
    assert smooth.max() <= column.max() + 1e-6
