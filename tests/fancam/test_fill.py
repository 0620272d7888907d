from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.typing import NDArray

from closeup.fancam.fill import fill_gaps
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
        sides = before.boxes[[left, right]]
        assert np.all(filled.boxes[frame] >= sides.min(axis=0) - 1e-3)
        assert np.all(filled.boxes[frame] <= sides.max(axis=0) + 1e-3)
        assert filled.confidence[frame] == before.confidence[[left, right]].min()
    again = fill_gaps(filled, times, cuts, max_gap)
    np.testing.assert_array_equal(again.boxes, filled.boxes)
