from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.media.frame_rate import frame_rate

MS = Fraction(1, 1000)
FILM = Fraction(24000, 1001)


def stamps(seconds: list[float]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([round(s * 1000) for s in seconds], np.int64)


@pytest.mark.parametrize("stated", [Fraction(1000), Fraction(90_000), None, Fraction(1)])
@pytest.mark.parametrize("rate", [24, 25, 30, 50, 60])
def test_a_rate_that_the_times_contradict_is_measured(rate: int, stated: Fraction | None) -> None:
    times = stamps([i / rate for i in range(200)])
    assert float(frame_rate(times, MS, stated)) == pytest.approx(rate, rel=0.002)


@pytest.mark.parametrize("rate", [Fraction(30_000, 1001), FILM, Fraction(25)])
def test_a_rate_that_agrees_with_the_times_is_kept_exactly(rate: Fraction) -> None:
    assert frame_rate(stamps([float(i / rate) for i in range(100)]), MS, rate) == rate


@given(seed=st.integers(0, 1000), rate=st.sampled_from([24, 25, 30, 60]))
def test_jitter_and_order_do_not_matter(seed: int, rate: int) -> None:
    rng = np.random.default_rng(seed)
    times = [i / rate + rng.uniform(-0.2, 0.2) / rate for i in range(150)]
    rng.shuffle(times)
    assert float(frame_rate(stamps(times), MS, Fraction(1000))) == pytest.approx(rate, rel=0.01)


def test_breaks_and_stills_do_not_lower_the_rate() -> None:
    times = [i / 30 for i in range(100)] + [60 + i / 30 for i in range(100)]
    assert float(frame_rate(stamps(times), MS, None)) == pytest.approx(30, rel=0.002)


def test_fields_stored_one_by_one_are_two_a_frame() -> None:
    times = stamps([i / 50 for i in range(200)])
    assert frame_rate(times, MS, Fraction(25), 2) == 25
    assert frame_rate(times, MS, Fraction(25), 1) == 50


@pytest.mark.parametrize("times", [[], [7.0]])
def test_without_times_the_stated_rate_or_the_usual_one_is_taken(times: list[float]) -> None:
    assert frame_rate(stamps(times), MS, FILM) == FILM
    assert frame_rate(stamps(times), MS, None) == 25
