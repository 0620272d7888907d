"""Two faces seen at once at two places are two people; errors of a moment are not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.typing import NDArray

from closeup.fancam.conflicts import find_conflicts, seen_span
from closeup.tracks import Tracklet
from tests.fancam.tracklet_maker import make_tracklet
from tests.fancam.two_members import LEFT, MIDDLE, RIGHT


def conflict(one: Tracklet, other: Tracklet) -> bool:
    found = find_conflicts([one, other])
    assert found[0, 1] == found[1, 0]
    return bool(found[0, 1])


def jumps(frames: int, at: int) -> NDArray[np.float32]:
    """Boxes on the left up to frame ``at``, then in the middle."""
    after = np.arange(frames)[:, None] >= at
    return np.where(after, MIDDLE, LEFT).astype(np.float32)


def test_the_span_is_from_the_first_to_the_last_detection() -> None:
    assert seen_span(make_tracklet(0, 0, 20, seen=(3, 10), hidden=(5, 8))) == (3, 10)
    assert seen_span(make_tracklet(0, 7, 8)) == (7, 7)


def test_two_faces_seen_at_once_are_two_people() -> None:
    assert conflict(make_tracklet(0, 0, 10, box=LEFT), make_tracklet(1, 5, 15, box=MIDDLE))


def test_two_faces_that_are_seen_once_together_are_two_people() -> None:
    assert conflict(make_tracklet(0, 5, 6, box=LEFT), make_tracklet(1, 0, 20, box=MIDDLE))


def test_one_after_the_other_may_be_one_person() -> None:
    assert not conflict(make_tracklet(0, 0, 10, box=LEFT), make_tracklet(1, 10, 20, box=MIDDLE))


def test_a_carried_end_says_nothing() -> None:
    carried = make_tracklet(0, 0, 40, seen=(0, 10), box=LEFT)
    assert not conflict(carried, make_tracklet(1, 15, 40, box=MIDDLE))


@pytest.mark.parametrize(("hidden", "different"), [(3, False), (4, True)])
def test_a_head_followed_beside_a_face_for_several_frames_is_another(
    hidden: int, different: bool
) -> None:
    followed = make_tracklet(0, 0, 20, hidden=(5, 4 + hidden), box=LEFT)
    seen_between = make_tracklet(1, 5, 5 + hidden, box=MIDDLE)
    assert conflict(followed, seen_between) == different


@pytest.mark.parametrize(("shared", "different"), [(1, False), (2, True)])
def test_one_frame_at_the_end_of_a_tracklet_is_an_error(shared: int, different: bool) -> None:
    jumped = make_tracklet(0, 0, 10 + shared, box=jumps(10 + shared, 10))
    assert conflict(jumped, make_tracklet(1, 10, 30, box=LEFT)) == different


def test_two_boxes_on_one_head_are_one_person() -> None:
    one = np.array(LEFT, np.float32)
    aside = one + np.float32(20)  # hardly overlapping, but not apart by more than half a head
    larger = one + np.array([-15, -20, 15, 20], np.float32)
    for again in (one, one + np.float32(10), aside, larger):
        assert not conflict(make_tracklet(0, 0, 20, box=one), make_tracklet(1, 5, 25, box=again))
    wide = np.array([0, 0, 100, 50], np.float32)
    beside = wide + np.array([40, 0, 40, 0], np.float32)
    assert not conflict(make_tracklet(0, 0, 20, box=wide), make_tracklet(1, 5, 25, box=beside))


def test_two_boxes_that_part_are_two_people() -> None:
    moving = np.repeat(np.array([LEFT], np.float32), 20, axis=0)
    moving += np.linspace(0, 100, 20, dtype=np.float32)[:, None]
    assert conflict(make_tracklet(0, 0, 20, box=LEFT), make_tracklet(1, 0, 20, box=moving))


def test_two_heads_followed_at_once_may_be_one() -> None:
    """Where no face is seen, two boxes may both have drifted."""
    one = make_tracklet(0, 0, 30, hidden=(1, 28), box=LEFT)
    other = make_tracklet(1, 2, 28, hidden=(3, 26), box=MIDDLE)
    assert not conflict(one, other)


def test_nothing_to_compare() -> None:
    assert find_conflicts([]).shape == (0, 0)
    assert find_conflicts([make_tracklet(0, 0, 10)]).tolist() == [[False]]


PLACES = (LEFT, MIDDLE, RIGHT)


@st.composite
def some_tracklets(draw: st.DrawFn) -> list[Tracklet]:
    made = []
    for number in range(draw(st.integers(1, 5))):
        start, length = draw(st.integers(0, 9)), draw(st.integers(1, 9))
        first = draw(st.integers(start, start + length - 1))
        last = draw(st.integers(first, start + length - 1))
        hidden = (first + 1, draw(st.integers(first, max(first, last - 1))))
        box = draw(st.sampled_from(PLACES))
        made.append(
            make_tracklet(number, start, start + length, seen=(first, last), hidden=hidden, box=box)
        )
    return made


@given(some_tracklets())
def test_conflicts_are_mutual_and_need_two_places_at_one_time(tracklets: list[Tracklet]) -> None:
    found = find_conflicts(tracklets)
    assert found.dtype == np.bool_
    np.testing.assert_array_equal(found, found.T)
    assert not found.diagonal().any()
    for a, b in np.argwhere(found):
        one, other = tracklets[a], tracklets[b]
        (first, last), (start, end) = seen_span(one), seen_span(other)
        assert max(first, start) <= min(last, end)
        assert one.boxes[0, 0] != other.boxes[0, 0]


@given(some_tracklets(), st.data())
def test_the_order_does_not_matter(tracklets: list[Tracklet], data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(tracklets))))
    expected = find_conflicts(tracklets)[np.ix_(order, order)]
    np.testing.assert_array_equal(find_conflicts([tracklets[i] for i in order]), expected)


@given(some_tracklets(), st.integers(1, 50))
def test_people_seen_at_another_time_change_nothing(tracklets: list[Tracklet], later: int) -> None:
    alone = find_conflicts(tracklets)
    moved = [
        make_tracklet(90 + i, 200 + later, 210 + later, box=place) for i, place in enumerate(PLACES)
    ]
    found = find_conflicts([*tracklets, *moved])
    count = len(tracklets)
    np.testing.assert_array_equal(found[:count, :count], alone)
    assert not found[:count, count:].any()
    assert (found[count:, count:] == ~np.eye(3, dtype=bool)).all()
