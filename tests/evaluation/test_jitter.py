from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from closeup.evaluation.jitter import WINDOW, residuals, spread


@given(st.lists(st.floats(-5, 5), min_size=3, max_size=3))
def test_a_smooth_movement_is_no_jitter(shape: list[float]) -> None:
    steps = np.arange(30.0)
    track = np.polyval(shape, steps)[:, None] * np.array([1.0, -2.0])
    left = residuals(track)
    assert np.isnan(left[: WINDOW // 2]).all()
    assert np.isnan(left[-(WINDOW // 2) :]).all()
    np.testing.assert_allclose(left[WINDOW // 2 : -(WINDOW // 2)], 0, atol=1e-8)


def test_as_polyfit_says() -> None:
    track = np.random.default_rng(2).normal(size=25)
    left = residuals(track)
    for middle in range(4, 21):
        steps = np.arange(-4, 5)
        fit = np.polyfit(steps, track[middle - 4 : middle + 5], 2)[2]
        assert left[middle] == pytest.approx((track[middle] - fit) / np.sqrt(1 - 59 / 231))


@given(st.floats(0.01, 3))
def test_noise_keeps_its_standard_deviation(size: float) -> None:
    random = np.random.default_rng(3)
    steps = np.arange(3000.0)[:, None, None]
    moving = 100 + 20 * np.sin(steps / 40)
    track = moving + random.normal(0, size, (3000, 2, 2))
    assert spread(residuals(track)) == pytest.approx(size, rel=0.05)


def test_a_few_glances_do_not_count() -> None:
    track = np.random.default_rng(4).normal(0, 0.1, (2000, 2))
    still = spread(residuals(track))
    track[500:] += 8
    track[900:] -= 11
    assert spread(residuals(track)) == pytest.approx(still, rel=0.03)


def test_windows_with_a_gap_do_not_count() -> None:
    track = np.zeros((40, 2))
    track[20] = np.nan
    left = residuals(track)
    assert np.flatnonzero(np.isnan(left[:, 0])).tolist() == [
        *range(4), *range(16, 25), *range(36, 40),
    ]  # fmt: skip


@pytest.mark.parametrize("count", [0, 1, WINDOW - 1])
def test_too_short_to_say(count: int) -> None:
    left = residuals(np.zeros((count, 2, 2)))
    assert left.shape == (count, 2, 2)
    assert np.isnan(spread(left))
