from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.typing import NDArray

from closeup.fancam.fill import ACCELERATION, fill_gaps
from closeup.geometry import boxes_around, centres_of, heights_of, sides_of
from closeup.tracks import PositionSource, Trajectory


def trajectory_of(present: list[bool], seed: int = 0) -> Trajectory:
    rng = np.random.default_rng(seed)
    seen, count = np.array(present, bool), len(present)
    corners = rng.uniform(0, 900, (count, 2))
    boxes = np.hstack([corners, corners + rng.uniform(5, 90, (count, 2))]).astype(np.float32)
    boxes[~seen] = np.nan
    return Trajectory(
        "Ann",
        boxes,
        np.where(seen, PositionSource.DETECTED, PositionSource.ABSENT).astype(np.uint8),
        np.where(seen, rng.random(count), 0).astype(np.float32),
        np.where(seen, 7, -1),
    )


def at(rate: float, count: int) -> NDArray[np.float64]:
    return np.arange(count) / rate


def test_a_gap_lies_on_the_line_between_its_sides() -> None:
    before = trajectory_of([True, False, False, False, True])
    filled = fill_gaps(before, at(25, 5), [], 1.0)
    middle = (before.boxes[0] + before.boxes[4]) / 2
    np.testing.assert_allclose(filled.boxes[2], middle, rtol=1e-5)
    assert filled.sources.tolist() == [3, 1, 1, 1, 3]
    assert filled.tracklets.tolist() == [7, -1, -1, -1, 7]
    assert set(filled.confidence[1:4]) == {before.confidence[[0, 4]].min()}


def moving(centres: NDArray[np.float64], present: list[bool]) -> Trajectory:
    """A face of 30 by 40 pixels."""
    boxes = boxes_around(centres, np.array([15.0, 20.0])).astype(np.float32)
    seen = np.array(present, bool)
    return Trajectory(
        "Ann",
        np.where(seen[:, None], boxes, np.float32(np.nan)),
        np.where(seen, PositionSource.DETECTED, PositionSource.ABSENT).astype(np.uint8),
        seen.astype(np.float32),
        np.where(seen, 7, -1),
    )


@pytest.mark.parametrize("speeds", [(0.0, 0.0), (90.0, 0.0), (90.0, -60.0), (0.0, 120.0)])
def test_a_path_leaves_and_arrives_with_the_speeds_on_both_sides(
    speeds: tuple[float, float],
) -> None:
    times, seen = at(25, 31), [*[True] * 11, *[False] * 9, *[True] * 11]
    x = np.where(times < 0.6, 100 + speeds[0] * (times - 0.4), 120 + speeds[1] * (times - 0.8))
    filled = fill_gaps(moving(np.column_stack([x, 50 + 0 * x]), seen), times, [], 1.0)
    centres = centres_of(filled.boxes)
    np.testing.assert_allclose(centres[:, 1], 50, atol=1e-3)
    steps = np.diff(centres[:, 0]) * 25
    assert np.abs(np.diff(steps)).max() < 35, "the speed changes by a part of itself a frame"
    middle = 110 + 0.4 * (speeds[0] - speeds[1]) / 8
    assert centres[15, 0] == pytest.approx(middle, abs=0.01)


@pytest.mark.parametrize(
    ("stop", "cuts", "still"), [(14, [], False), (14, [14], True), (11, [], True)]
)
def test_speeds_are_those_of_the_shot_and_of_a_short_time(
    stop: int, cuts: list[int], still: bool
) -> None:
    times, seen = at(25, 40), [*[True] * 20, *[False] * 5, *[True] * 15]
    x = np.minimum(np.arange(40), stop) * 3.0
    filled = fill_gaps(moving(np.column_stack([x, x]), seen), times, cuts, 1.0)
    strayed = np.abs(centres_of(filled.boxes)[20:25, 0] - 3.0 * stop).max()
    assert (strayed < 1e-3) == still


def test_a_path_that_no_head_can_follow_is_a_straight_line_or_none() -> None:
    times, seen = at(25, 15), [*[True] * 5, *[False] * 5, *[True] * 5]
    leap = moving(np.column_stack([np.where(np.arange(15) < 8, 0.0, 600.0)] * 2), seen)
    filled = fill_gaps(leap, times, [], 1.0)
    np.testing.assert_allclose(np.diff(centres_of(filled.boxes)[4:11, 0]), 100, rtol=1e-4)
    empty = fill_gaps(leap, times, [], 1.0, plausible=True)
    np.testing.assert_array_equal(empty.sources, leap.sources)
    calm = moving(np.column_stack([np.arange(15.0)] * 2), seen)
    assert fill_gaps(calm, times, [], 1.0, plausible=True).present.all()


def test_time_counts_not_frames() -> None:
    before = trajectory_of([True, False, True])
    filled = fill_gaps(before, np.array([0.0, 0.1, 1.0]), [], 1.0)
    expected = before.boxes[0] + 0.1 * (before.boxes[2] - before.boxes[0])
    np.testing.assert_allclose(filled.boxes[1], expected, rtol=1e-5)


def test_a_gap_as_long_as_allowed_is_filled_and_a_longer_one_is_not() -> None:
    times = 1000 + at(25, 27)
    assert fill_gaps(trajectory_of([True] + 24 * [False] + [True]), times[:26], [], 1.0).present[5]
    longer = trajectory_of([True] + 25 * [False] + [True])
    assert not fill_gaps(longer, times, [], 1.0).present[5]


@pytest.mark.parametrize("cut", [1, 2, 3, 4])
def test_no_gap_is_filled_across_a_cut(cut: int) -> None:
    before = trajectory_of([True, False, False, False, True])
    assert not fill_gaps(before, at(25, 5), [cut], 1.0).present[1:4].any()


@pytest.mark.parametrize("cuts", [[0], [5], [0, 5, 9]])
def test_a_cut_beside_the_gap_does_not_matter(cuts: list[int]) -> None:
    before = trajectory_of([True, False, False, False, True])
    assert fill_gaps(before, at(25, 5), cuts, 1.0).present.all()


def test_frames_and_times_must_be_as_many() -> None:
    with pytest.raises(ValueError, match="3 positions but 2 times"):
        fill_gaps(trajectory_of([True] * 3), at(25, 2), [], 1.0)


@given(
    st.lists(st.booleans(), max_size=60),
    st.lists(st.integers(0, 60), max_size=4),
    st.floats(0, 3),
    st.integers(0, 99),
)
def test_properties(present: list[bool], cuts: list[int], max_gap: float, seed: int) -> None:
    before = trajectory_of(present, seed)
    times = np.cumsum(np.random.default_rng(seed).uniform(0.01, 0.3, len(present)))
    filled = fill_gaps(before, times, cuts, max_gap)
    known = before.present
    np.testing.assert_array_equal(filled.boxes[known], before.boxes[known])
    np.testing.assert_array_equal(filled.sources[known], before.sources[known])
    np.testing.assert_array_equal(filled.present, np.isfinite(filled.boxes).all(axis=1))
    for frame in np.flatnonzero(filled.present & ~known):
        left = np.flatnonzero(known[:frame])[-1]
        right = frame + np.flatnonzero(known[frame:])[0]
        assert times[right] - times[left] <= max_gap + 1e-5
        assert not any(left < cut <= right for cut in cuts)
        sides = before.boxes[[left, right]].astype(float)
        share = (times[frame] - times[left]) / (times[right] - times[left])
        line = (1 - share) * sides[0] + share * sides[1]
        np.testing.assert_allclose(sides_of(filled.boxes[frame]), sides_of(line), rtol=1e-3)
        strayed = np.linalg.norm(centres_of(filled.boxes[frame]) - centres_of(line))
        farthest = ACCELERATION * heights_of(sides).max() * (times[right] - times[left]) ** 2 / 8
        assert strayed <= farthest + 0.01, "of a path with bounded acceleration from its chord"
        assert filled.confidence[frame] == before.confidence[[left, right]].min()
    again = fill_gaps(filled, times, cuts, max_gap)
    np.testing.assert_array_equal(again.boxes, filled.boxes)
