"""A member's trajectory: faces before carried boxes, and no carried box that leads elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.typing import NDArray

from closeup.fancam.corrections import Corrections
from closeup.fancam.identity_assignment import assign_members
from closeup.fancam.member_tracks import trajectories
from closeup.tracks import PositionSource, Tracklet, Trajectory
from tests.fancam.tracklet_maker import make_tracklet
from tests.fancam.two_members import ANN, BOB, ELSE, GALLERY, LEFT, MIDDLE, RIGHT, timeline

FAR = (590.0, 10, 630, 60)
BESIDE = (LEFT[0] + 20.0, LEFT[1], LEFT[2] + 20, LEFT[3])


def tracks(
    tracklets: Sequence[Tracklet], frames: int = 40, cuts: Sequence[int] = ()
) -> list[Trajectory]:
    when = timeline(frames, cuts)
    assignment = assign_members(tracklets, GALLERY, Corrections(), when, appearance=False)
    return trajectories(GALLERY.names, tracklets, assignment, when)


def present(trajectory: Trajectory) -> list[int]:
    return [int(frame) for frame in np.flatnonzero(trajectory.present)]


def test_a_seen_face_wins_over_a_carried_end() -> None:
    rows = [
        make_tracklet(0, 0, 20, seen=(0, 9), vectors=[ANN] * 4),
        make_tracklet(1, 15, 30, vectors=[ANN] * 4, box=BESIDE),
    ]
    ann, bob = tracks(rows)
    assert ann.tracklets[:31].tolist() == [0] * 15 + [1] * 15 + [-1]
    assert ann.sources[12] == PositionSource.TRACKED
    assert not bob.present.any()


def test_a_carried_end_that_the_next_face_contradicts_soon_after_is_dropped() -> None:
    """It was carried on another person; what lies between the two faces is interpolated."""
    rows = [
        make_tracklet(0, 0, 20, seen=(0, 9), vectors=[ANN] * 4),
        make_tracklet(1, 15, 30, vectors=[ANN] * 4, box=MIDDLE),
    ]
    ann, _ = tracks(rows)
    assert present(ann) == [*range(10), *range(15, 30)]


def test_a_carried_end_stops_at_somebody_else() -> None:
    rows = [
        make_tracklet(0, 0, 20, seen=(0, 9), vectors=[ANN] * 4),
        make_tracklet(1, 14, 30, vectors=[BOB] * 4),
    ]
    ann, bob = tracks(rows)
    assert present(ann) == list(range(14))
    assert present(bob) == list(range(14, 30))


def test_a_carried_end_stops_at_the_face_of_nobody_too() -> None:
    rows = [
        make_tracklet(0, 0, 20, seen=(0, 9), vectors=[ANN] * 4),
        make_tracklet(1, 14, 30, vectors=[ELSE] * 4),
    ]
    ann, _ = tracks(rows)
    assert present(ann) == list(range(14))


def test_a_carried_start_begins_after_somebody_else() -> None:
    rows = [
        make_tracklet(0, 0, 15, vectors=[BOB] * 4),
        make_tracklet(1, 5, 30, seen=(20, 29), vectors=[ANN] * 4),
    ]
    ann, bob = tracks(rows)
    assert present(ann) == list(range(15, 30))
    assert present(bob) == list(range(15))


def test_a_carried_end_behind_another_head_does_not_come_back() -> None:
    """What comes out on the other side may be the other head."""
    rows = [
        make_tracklet(0, 0, 30, seen=(0, 9), vectors=[ANN] * 4),
        make_tracklet(1, 14, 18, vectors=[BOB] * 4),
    ]
    ann, _ = tracks(rows)
    assert present(ann) == list(range(14))


def test_a_carried_end_beside_somebody_else_stays() -> None:
    rows = [
        make_tracklet(0, 0, 20, seen=(0, 9), vectors=[ANN] * 4, box=LEFT),
        make_tracklet(1, 14, 30, vectors=[BOB] * 4, box=RIGHT),
    ]
    ann, _ = tracks(rows)
    assert present(ann) == list(range(20))


def test_a_detection_wins_over_a_followed_box_where_two_tracklets_of_a_person_overlap() -> None:
    """A detector finds one head twice: the boxes lie on each other, so it is one person."""
    shifted = tuple(np.array(LEFT) + 4)
    rows = [
        make_tracklet(0, 0, 30, hidden=(10, 19), vectors=[ANN] * 4, box=LEFT),
        make_tracklet(1, 5, 25, vectors=[ANN] * 4, box=shifted),
    ]
    ann, _ = tracks(rows)
    assert present(ann) == list(range(30))
    assert (ann.sources[:30] == PositionSource.DETECTED).all()
    assert set(ann.tracklets[10:20].tolist()) == {1}
    assert set(ann.tracklets[:10].tolist()) == {0}, "of two detections the first stays"
    np.testing.assert_array_equal(ann.boxes[15], np.array(shifted, np.float32))
    np.testing.assert_array_equal(ann.boxes[25], np.array(LEFT, np.float32))


def drifting(frames: int, start: int, end: Sequence[float]) -> NDArray[np.float32]:
    """Boxes on the left that glide to ``end`` from frame ``start`` on."""
    share = np.clip((np.arange(frames) - start) / (frames - start), 0, 1)[:, None]
    return np.asarray((1 - share) * np.array(LEFT) + share * np.array(end), np.float32)


def carried_to(end: Sequence[float], found: Sequence[float]) -> list[Tracklet]:
    """Ann is lost at frame 20, carried for four seconds, and found again two frames later."""
    return [
        make_tracklet(0, 0, 120, seen=(0, 19), vectors=[ANN] * 4, box=drifting(120, 20, end)),
        make_tracklet(1, 122, 160, vectors=[ANN] * 4, box=found),
    ]


def test_a_carried_end_that_leads_to_the_next_face_stays() -> None:
    ann, _ = tracks(carried_to(MIDDLE, MIDDLE), 160)
    assert present(ann) == [*range(120), *range(122, 160)]


def test_a_carried_end_that_leads_elsewhere_is_dropped_after_a_second() -> None:
    ann, _ = tracks(carried_to(LEFT, FAR), 160)
    assert present(ann) == [*range(19 + 25 + 1), *range(122, 160)]


def test_a_carried_start_that_comes_from_elsewhere_is_dropped_but_for_a_second() -> None:
    rows = [
        make_tracklet(0, 0, 38, vectors=[ANN] * 4, box=LEFT),
        make_tracklet(1, 40, 160, seen=(140, 159), vectors=[ANN] * 4, box=FAR),
    ]
    ann, _ = tracks(rows, 160)
    assert present(ann) == [*range(38), *range(140 - 25, 160)]


def test_a_cut_explains_that_a_head_is_elsewhere() -> None:
    rows = [
        make_tracklet(0, 0, 30, seen=(0, 19), vectors=[ANN] * 4, box=LEFT),
        make_tracklet(1, 32, 60, vectors=[ANN] * 4, box=FAR),
    ]
    ann, _ = tracks(rows, 60, cuts=[31])
    assert present(ann) == [*range(30), *range(32, 60)]


def test_a_carried_end_without_a_next_face_in_the_shot_stays_for_a_second() -> None:
    ann, _ = tracks(carried_to(RIGHT, FAR)[:1], 160)
    assert present(ann) == list(range(19 + 25 + 1))
    ann, _ = tracks(carried_to(MIDDLE, MIDDLE), 160, cuts=[121])
    assert present(ann) == [*range(19 + 25 + 1), *range(122, 160)]


def test_tracklets_of_nobody_are_shown_nowhere() -> None:
    ann, bob = tracks([make_tracklet(0, 0, 30, vectors=[ELSE] * 4), make_tracklet(1, 0, 30)])
    assert not ann.present.any()
    assert not bob.present.any()
    assert np.isnan(ann.boxes).all()
    assert (ann.tracklets == -1).all()
    assert not ann.confidence.any()


def test_a_video_without_tracklets() -> None:
    found = tracks([])
    assert [trajectory.name for trajectory in found] == ["Ann", "Bob"]
    assert all(len(trajectory.boxes) == 40 for trajectory in found)
    assert not any(trajectory.present.any() for trajectory in found)


@st.composite
def videos(draw: st.DrawFn) -> list[Tracklet]:
    """Tracklets with carried ends, of two members and a stranger, at four places."""
    made = []
    for number in range(draw(st.integers(1, 6))):
        start, length = draw(st.integers(0, 50)), draw(st.integers(1, 40))
        first = draw(st.integers(start, start + length - 1))
        last = draw(st.integers(first, start + length - 1))
        face = draw(st.sampled_from([ANN, BOB, ELSE, None]))
        made.append(
            make_tracklet(
                number, start, start + length, seen=(first, last),
                vectors=[face] * 3 if face else [],
                box=draw(st.sampled_from([LEFT, MIDDLE, RIGHT, FAR])),
            )
        )  # fmt: skip
    return made


@pytest.mark.parametrize("cuts", [(), (30,)], ids=["one shot", "two shots"])
@settings(max_examples=40)
@given(tracklets=videos())
def test_every_position_is_a_row_of_a_tracklet_of_the_member(
    cuts: tuple[int, ...], tracklets: list[Tracklet]
) -> None:
    when = timeline(90, cuts)
    assignment = assign_members(tracklets, GALLERY, Corrections(), when, appearance=False)
    found = trajectories(GALLERY.names, tracklets, assignment, when)
    for member, trajectory in enumerate(found):
        for frame in present(trajectory):
            tracklet = tracklets[trajectory.tracklets[frame]]
            row = frame - tracklet.start
            assert assignment.members[tracklet.id] == member
            assert trajectory.sources[frame] == tracklet.sources[row]
            np.testing.assert_array_equal(trajectory.boxes[frame], tracklet.boxes[row])
            assert trajectory.confidence[frame] == pytest.approx(
                assignment.confidence[tracklet.id], abs=1e-6
            )
        for tracklet in tracklets:
            if assignment.members[tracklet.id] == member:
                seen = tracklet.frames[tracklet.sources == PositionSource.DETECTED]
                assert (trajectory.sources[seen] == PositionSource.DETECTED).all()
