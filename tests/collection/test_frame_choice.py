"""Which frames are taken."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.collection.frame_choice import (
    EveryFrames,
    EverySeconds,
    FrameChoice,
    FramesByNumber,
    frames_of_shots,
)
from closeup.frames import ArrayFrame
from closeup.timecode import Timecode

MILLISECONDS = Fraction(1, 1000)
STEPS = st.lists(st.integers(1, 900), min_size=1, max_size=60)
"""Milliseconds from each frame to the next."""


def frames(steps: list[int], start: int = 0) -> list[ArrayFrame]:
    pixels = np.zeros((1, 1, 3), np.uint8)
    stamps = np.cumsum([start, *steps]).tolist()
    return [ArrayFrame(i, Timecode(pts, MILLISECONDS), pixels) for i, pts in enumerate(stamps)]


def numbers(choice: FrameChoice, given: list[ArrayFrame], start: int = 0) -> list[int]:
    return [frame.index for frame in choice.chosen(given, start * MILLISECONDS)]


def test_every_third() -> None:
    assert numbers(EveryFrames(3), frames([40] * 9)) == [0, 3, 6, 9]


@given(STEPS, st.integers(0, 5000), st.integers(1, 2000))
def test_one_in_each_stretch_of_seconds(steps: list[int], start: int, step: int) -> None:
    """At any frame rate, and wherever the video's clock begins."""
    shown = frames(steps, start)
    found = numbers(EverySeconds(Fraction(step, 1000)), shown, start)
    stretches = [(frame.timecode.pts - start) // step for frame in shown]
    assert found == [stretches.index(stretch) for stretch in sorted(set(stretches))]


@given(STEPS, st.data(), st.sampled_from([EveryFrames(4), EverySeconds(Fraction(1, 3))]))
def test_a_run_that_goes_on_takes_the_same_frames(
    steps: list[int], data: st.DataObject, choice: FrameChoice
) -> None:
    shown = frames(steps)
    done = data.draw(st.integers(0, len(shown) - 1))
    later = [number for number in numbers(choice, shown[done:]) if number > done]
    assert later == [number for number in numbers(choice, shown) if number > done]


def test_frames_by_number() -> None:
    assert numbers(FramesByNumber(frozenset({1, 4, 99})), frames([40] * 5)) == [1, 4]


def test_the_middle_of_each_shot() -> None:
    assert frames_of_shots([10, 14], 20, 1) == {5, 12, 17}
    assert frames_of_shots([], 0, 3) == set()


@given(st.sets(st.integers(1, 199)), st.integers(1, 7))
def test_each_shot_gives_as_many_as_it_has(cuts: set[int], each: int) -> None:
    found = frames_of_shots(sorted(cuts), 200, each)
    for first, end in pairwise([0, *sorted(cuts), 200]):
        own = [number for number in found if first <= number < end]
        assert len(own) == min(each, end - first)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: EveryFrames(0), "1 or more, not 0"),
        (lambda: EverySeconds(Fraction(0)), "more than 0 seconds, not 0"),
        (lambda: EverySeconds(Fraction(-1, 2)), "not -0.5"),
    ],
)
def test_a_step_that_goes_nowhere(make: object, reason: str) -> None:
    assert callable(make)
    with pytest.raises(ValueError, match=reason):
        make()
