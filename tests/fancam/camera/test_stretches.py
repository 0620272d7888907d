from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, strategies as st

from closeup.fancam.camera.clock import USUAL_INTERVAL, frame_interval
from closeup.fancam.camera.stretches import longer_than, runs, shots


@given(st.integers(0, 50), st.lists(st.integers(-3, 60), max_size=8))
def test_shots_cover_every_frame_once(count: int, cuts: list[int]) -> None:
    parts = shots(count, cuts)
    assert [frame for part in parts for frame in range(count)[part]] == list(range(count))
    assert {part.start for part in parts[1:]} == {cut for cut in cuts if 0 < cut < count}


@given(st.lists(st.booleans(), max_size=40), st.integers(0, 40), st.integers(0, 40))
def test_runs_are_the_true_frames_without_touching(mask: list[bool], a: int, b: int) -> None:
    within = slice(min(a, b, len(mask)), min(max(a, b), len(mask)))
    parts = runs(np.array(mask, bool), within)
    found = [frame for part in parts for frame in range(part.start, part.stop)]
    assert found == [frame for frame in range(within.start, within.stop) if mask[frame]]
    assert all(left.stop < right.start for left, right in pairwise(parts))


def test_only_short_stretches_are_left_out() -> None:
    times = np.arange(50) / 25
    parts = [slice(0, 7), slice(10, 18), slice(20, 50)]
    assert longer_than(parts, 0.3, times, slice(0, 50)) == parts[1:]
    assert longer_than([slice(5, 10)], 0.2, times, slice(0, 50)) == [slice(5, 10)]


def test_a_short_shot_is_kept_whole() -> None:
    assert longer_than([slice(5, 7)], 0.3, np.arange(50) / 25, slice(5, 7)) == [slice(5, 7)]


def test_the_interval_is_the_usual_one_between_frames() -> None:
    assert frame_interval(np.array([0, 0.1, 0.2, 5.0])) == np.float64(0.1)
    assert frame_interval(np.array([3.0])) == USUAL_INTERVAL
