"""Heads that cannot be seen: behind another person, and beyond the picture's edge."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.fancam.corrections import Corrections
from closeup.fancam.fill import fill_gaps
from closeup.fancam.identity_assignment import assign_members
from closeup.fancam.member_tracks import trajectories
from closeup.fancam.visibility import SeenFaces, seen_only
from closeup.tracks import PositionSource, Tracklet, Trajectory
from tests.fancam.tracklet_maker import make_tracklet
from tests.fancam.two_members import ANN, BOB, ELSE, GALLERY, LEFT, RIGHT, timeline

FRAMES = 60
AT = np.array(LEFT, np.float32)
SMALL = (15.0, 20, 39, 50)


def shown(tracklets: Sequence[Tracklet]) -> Trajectory:
    """What is shown of Ann, with gaps filled."""
    when = timeline(FRAMES)
    assignment = assign_members(tracklets, GALLERY, Corrections(), when, appearance=False)
    ann, _ = trajectories(GALLERY.names, tracklets, assignment, when)
    filled = fill_gaps(ann, when.seconds, (), 1.0)
    return seen_only(filled, 0, SeenFaces(tracklets), assignment, when.size)


def found_again(*others: Tracklet, at: Sequence[float] = LEFT) -> list[int]:
    """Frames 20 to 39 in which Ann, unseen there and found before and after, is shown."""
    ann = [
        make_tracklet(0, 0, 20, vectors=[ANN] * 4, box=at),
        make_tracklet(1, 40, 60, vectors=[ANN] * 4, box=at),
    ]
    found = shown([*ann, *others])
    assert found.present[:20].all()
    assert found.present[40:].all()
    return [int(frame) for frame in np.flatnonzero(found.present[20:40]) + 20]


def test_a_member_is_interpolated_where_nobody_is() -> None:
    assert found_again() == list(range(20, 40))
    beside = make_tracklet(2, 22, 36, vectors=[BOB] * 4, box=RIGHT)
    assert found_again(beside) == list(range(20, 40))


def test_a_member_behind_another_member_is_not_shown() -> None:
    front = make_tracklet(2, 22, 36, vectors=[BOB] * 4, box=LEFT)
    assert found_again(front) == [20, 21, *range(36, 40)]


def test_a_member_behind_the_torso_of_a_nearer_person_is_not_shown() -> None:
    below = (LEFT[0] + 5, 75.0, LEFT[2] - 5, 105)
    front = make_tracklet(2, 22, 36, vectors=[BOB] * 4, box=LEFT)
    assert found_again(front, at=below) == [20, 21, *range(36, 40)]


def test_a_farther_person_hides_nobody_by_the_torso() -> None:
    below = (-10.0, 60.0, 46, 130)
    far = make_tracklet(2, 22, 36, vectors=[BOB] * 4, box=SMALL)
    assert found_again(far, at=below) == list(range(20, 40))


def test_a_nameless_face_that_was_never_seen_beside_the_member_may_be_the_member() -> None:
    nameless = make_tracklet(2, 22, 36, vectors=[ELSE] * 4, box=LEFT)
    assert found_again(nameless) == list(range(20, 40))


def test_a_nameless_person_who_was_seen_beside_the_member_hides_the_member() -> None:
    path = np.tile(np.array(LEFT, np.float32), (26, 1))
    path[:10, [0, 2]] += np.linspace(300, 100, 10)[:, None]
    nameless = make_tracklet(2, 10, 36, vectors=[ELSE] * 4, box=path)
    assert found_again(nameless) == list(range(36, 40))


@pytest.mark.parametrize(
    ("box", "there"),
    [
        ((-30.0, 10, 10, 60), False),
        ((-15.0, 10, 25, 60), True),
        ((0.0, 10, 16, 60), False),
        ((0.0, 10, 24, 60), True),
        ((200.0, 340, 240, 390), False),
        ((200.0, 320, 240, 370), True),
        ((625.0, 10, 665, 60), False),
    ],
)
def test_a_head_that_nothing_confirms_is_shown_if_half_of_it_is_in_the_picture(
    box: tuple[float, ...], there: bool
) -> None:
    carried = make_tracklet(0, 0, 30, hidden=(11, 14), vectors=[ANN] * 4, box=box)
    found = shown([carried])
    assert found.present[11:15].tolist() == [there] * 4
    assert (found.sources[:11] == PositionSource.DETECTED).all(), "detections stay"


def test_the_torso_counts_from_the_chin_down_and_adds_to_the_face() -> None:
    faces = SeenFaces([make_tracklet(0, 5, 10, box=LEFT)])
    everybody = np.array([True])
    assert faces.cover(5, AT, everybody) == pytest.approx(1)
    assert faces.cover(4, AT, everybody) == faces.cover(10, AT, everybody) == 0
    assert faces.cover(5, AT, ~everybody) == 0
    lower = AT + np.array([0, 25, 0, 25], np.float32)
    assert faces.cover(5, lower, everybody) == pytest.approx(1)
    smaller_below = AT + np.array([0, 25, 0, 35], np.float32)
    assert faces.cover(5, smaller_below, everybody) == pytest.approx(25 / 60, abs=1e-3)


def test_without_tracklets_nobody_is_hidden() -> None:
    assert SeenFaces([]).cover(0, AT, np.zeros(0, bool)) == 0


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 20)), max_size=6), st.integers(0, 60))
def test_a_face_counts_in_the_frames_between_its_detections(
    spans: list[tuple[int, int]], frame: int
) -> None:
    tracklets = [
        make_tracklet(number, start, start + length, box=LEFT)
        for number, (start, length) in enumerate(spans)
    ]
    seen = any(start <= frame < start + length for start, length in spans)
    cover = SeenFaces(tracklets).cover(frame, AT, np.ones(len(spans), bool))
    assert (cover > 0) == seen
