from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.typing import NDArray

from closeup.pupils.one_euro import OneEuroFilter

Numbers = NDArray[np.floating]

steps = st.lists(st.floats(0.001, 2), min_size=1, max_size=30)


def run(values: Numbers, times: Numbers, least: float = 1.0, speed: float = 0.5) -> Numbers:
    own = OneEuroFilter(least, speed)
    pairs = zip(values, times, strict=True)
    return np.array([own.filtered(np.asarray(value), float(at)) for value, at in pairs])


@given(st.floats(-5, 5), st.floats(-5, 5), steps)
def test_what_stays_the_same_is_left_as_it_is(x: float, y: float, apart: list[float]) -> None:
    values = np.tile([x, y], (len(apart), 1))
    np.testing.assert_allclose(run(values, np.cumsum(apart)), values, atol=1e-12)


@given(steps, st.floats(0.1, 10), st.floats(0, 3))
def test_it_never_leaves_the_range_of_its_input(
    apart: list[float], least: float, speed: float
) -> None:
    values = np.random.default_rng(len(apart)).uniform(-1, 1, (len(apart), 2))
    smooth = run(values, np.cumsum(apart), least, speed)
    assert np.all(smooth <= values.max(axis=0) + 1e-12)
    assert np.all(smooth >= values.min(axis=0) - 1e-12)


def test_a_step_converges_without_overshoot() -> None:
    times = np.arange(100) / 25
    values = (times >= 1).astype(float)[:, None]
    smooth = run(values, times)[:, 0]
    assert np.all(np.diff(smooth) >= 0)
    assert smooth[24] == 0
    assert smooth[-1] == pytest.approx(1, abs=1e-3)


def test_without_speed_it_is_exponential_smoothing() -> None:
    cutoff, step = 2.0, 0.1
    turn = 2 * np.pi * cutoff * step
    share = turn / (1 + turn)
    smooth = run(np.array([[0.0], [1.0], [1.0]]), np.arange(3) * step, cutoff, 0)
    np.testing.assert_allclose(smooth[:, 0], [0, share, share + (1 - share) * share])


def test_a_longer_step_lets_a_value_count_more() -> None:
    values = np.array([[0.0], [1.0]])
    after = [run(values, np.array([0, step]), speed=0)[1, 0] for step in (0.01, 0.1, 1, 10)]
    assert after == sorted(after)
    assert after[-1] > 0.98


def test_irregular_steps_lead_to_the_same_place() -> None:
    """A ramp is followed alike, whether its samples come evenly or not."""
    even = np.arange(0, 4, 0.02)
    uneven = np.sort(np.random.default_rng(3).choice(np.arange(0, 4, 0.005), 200, replace=False))
    uneven[-1] = even[-1]
    ends = [run(times[:, None] / 4, times)[-1, 0] for times in (even, uneven)]
    assert ends[0] == pytest.approx(ends[1], abs=0.02)


def test_it_calms_noise_and_follows_speed_sooner() -> None:
    times = np.arange(400) / 25
    noise = np.random.default_rng(5).normal(0, 0.05, (400, 2))
    assert run(noise, times)[50:].std() < noise.std() / 2
    jump = (times >= 8).astype(float)[:, None]
    slow, fast = (run(jump, times, speed=speed)[202, 0] for speed in (0, 2))
    assert fast > slow + 0.2


@pytest.mark.parametrize("later", [1.0, 0.5])
def test_time_must_grow(later: float) -> None:
    own = OneEuroFilter(1, 0)
    own.filtered(np.zeros(2), 1.0)
    with pytest.raises(ValueError, match="is not after"):
        own.filtered(np.zeros(2), later)


@pytest.mark.parametrize("cutoffs", [(0, 1), (1, -1), (1, 1, 0)])
def test_cutoffs_that_filter_nothing_are_refused(cutoffs: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="cutoffs"):
        OneEuroFilter(*cutoffs)
