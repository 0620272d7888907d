from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.typing import NDArray

from closeup.media.clocks import Clock, StreamTimes, frame_rate, mend_clocks

PICTURE, SOUND = 1 / 25, 1024 / 48_000
UNIT = Fraction(1, 90_000)


def recording(seconds: float, start: float) -> list[tuple[float, int]]:
    """Times and streams (0 pictures, 1 sound) of a recording, interleaved as in a file."""
    pictures = [(i * PICTURE, 0) for i in range(round(seconds / PICTURE))]
    sound = [(i * SOUND, 1) for i in range(round(seconds / SOUND))]
    return [(start + time, stream) for time, stream in sorted([*pictures, *sound])]


def streams(packets: list[tuple[float, int]]) -> list[StreamTimes]:
    found = []
    for stream in (0, 1):
        places = [i for i, (_, own) in enumerate(packets) if own == stream]
        seconds = np.array([packets[i][0] for i in places], float)
        found.append(StreamTimes(np.array(places, np.int64), seconds))
    return found


def mended(times: StreamTimes, clock: Clock) -> NDArray[np.float64]:
    ticks = [None if np.isnan(t) else round(t / UNIT) for t in times.seconds.tolist()]
    stamps = [clock.mended(i, tick, UNIT) for i, tick in enumerate(ticks)]
    return np.array([np.nan if s is None else float(s * UNIT) for s in stamps])


def test_a_clock_that_runs_is_left_alone() -> None:
    assert all(clock.is_right for clock in mend_clocks(streams(recording(8, -3.04))))


@pytest.mark.parametrize("start", [0.0, 3.92, 3600.0, -3600.0, 95443.7 - 2])
def test_a_joint_gets_one_offset_for_pictures_and_sound(start: float) -> None:
    both = streams([*recording(4, 0), *recording(4, start)])
    clocks = mend_clocks(both)
    pictures, sound = (mended(t, clock) for t, clock in zip(both, clocks, strict=True))
    assert clocks[0].offsets == clocks[1].offsets
    assert np.allclose(np.diff(pictures), PICTURE, atol=1.1 * SOUND)
    assert (np.diff(pictures) > PICTURE - 1e-4).all()
    assert (np.diff(sound) > SOUND - 1e-4).all()


@given(
    parts=st.lists(
        st.tuples(st.integers(1, 6), st.floats(-100_000, 100_000)), min_size=1, max_size=4
    )
)
def test_any_joined_recordings_run_on_in_step(parts: list[tuple[int, float]]) -> None:
    both = streams([packet for seconds, start in parts for packet in recording(seconds, start)])
    clocks = mend_clocks(both)
    pictures, sound = (mended(t, clock) for t, clock in zip(both, clocks, strict=True))
    assert (np.diff(pictures) > -PICTURE).all()
    places = np.cumsum([0, *(round(seconds / PICTURE) for seconds, _ in parts[:-1])])
    beginnings = np.cumsum([0, *(round(seconds / SOUND) for seconds, _ in parts[:-1])])
    assert np.abs(pictures[places] - sound[beginnings]).max() < PICTURE


def test_a_gap_shorter_than_the_file_stays_a_gap() -> None:
    both = streams([*recording(20, 0), *recording(20, 32)])
    assert all(clock.is_right for clock in mend_clocks(both))


def test_a_still_of_minutes_between_pictures_with_sound_is_not_cut() -> None:
    both = streams(recording(60, 0))
    times = both[0].seconds
    kept = (times < 2) | (times > 40)
    slides = StreamTimes(both[0].places[kept], times[kept])
    assert all(clock.is_right for clock in mend_clocks([slides, both[1]]))


@pytest.mark.parametrize("wrong", [-500.0, -0.5, 0.7, 8.0, 26.5 * 3600])
def test_one_packet_with_a_wrong_time_is_out_of_place(wrong: float) -> None:
    both = streams(recording(8, 5))
    both[0].seconds[100] += wrong
    pictures, sound = mend_clocks(both)
    assert (pictures.out_of_place, pictures.starts) == (frozenset({100}), ())
    assert sound.is_right
    assert np.isnan(mended(both[0], pictures)[100])


def test_a_step_back_that_is_made_up_for_is_left_to_the_reader() -> None:
    both = streams(recording(8, 0))
    both[0].seconds[100:102] -= 0.2
    assert all(not clock.starts for clock in mend_clocks(both))


def test_a_small_step_of_the_sound_alone_is_the_recorders_own() -> None:
    both = streams(recording(8, 0))
    both[1].seconds[200:] -= 0.3
    assert all(clock.is_right for clock in mend_clocks(both))


def test_pictures_whose_clock_alone_jumps_go_on_beside_the_sound() -> None:
    both = streams(recording(8, 0))
    both[0].seconds[100:] += 5000
    pictures, sound = mend_clocks(both)
    assert sound.is_right
    assert np.allclose(mended(both[0], pictures), np.arange(200) * PICTURE, atol=1e-4)


@pytest.mark.parametrize("seconds", [[], [3.0], [np.nan] * 5, [1.0, np.nan, 2.0]])
def test_few_or_no_times_are_no_jump(seconds: list[float]) -> None:
    times = StreamTimes(np.arange(len(seconds)), np.array(seconds, float))
    assert mend_clocks([times])[0].is_right


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
