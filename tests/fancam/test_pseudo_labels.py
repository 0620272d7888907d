from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from closeup.fancam.corrections import Corrections
from closeup.fancam.identity_assignment import assign_members
from closeup.fancam.member_tracks import trajectories
from closeup.fancam.pseudo_labels import SureFrame, sure_frames
from closeup.fancam.solution import Solution
from closeup.labels import PictureLabels
from closeup.tracks import Tracklet
from tests.fancam.tracklet_maker import make_tracklet
from tests.fancam.two_members import ANN, BOB, ELSE, GALLERY, timeline

FRAMES = 100
HERE, THERE, AWAY = (10.0, 10, 50, 60), (200.0, 10, 240, 60), (400.0, 10, 440, 60)


def solution(tracklets: Sequence[Tracklet]) -> Solution:
    when = timeline(FRAMES)
    assignment = assign_members(tracklets, GALLERY, Corrections(), when, appearance=False)
    found = trajectories(GALLERY.names, tracklets, assignment, when)
    return Solution(
        GALLERY.names, when.size, when.seconds, (), (), tracklets, assignment, found, (),
        Corrections(),
    )  # fmt: skip


def split(frame: SureFrame) -> tuple[PictureLabels, PictureLabels]:
    """Faces of members, and heads that may be anybody's."""
    return frame.faces[~frame.faces.ignored], frame.faces[frame.faces.ignored]


def test_members_are_labelled_from_the_first_to_the_last_sight_of_their_face() -> None:
    rows = [
        make_tracklet(0, 0, 60, seen=(10, 40), vectors=[ANN] * 4, box=HERE),
        make_tracklet(1, 30, 60, vectors=[BOB] * 4, box=THERE),
    ]

    chosen = {own.frame: own for own in sure_frames(solution(rows), FRAMES)}

    assert sorted(chosen) == list(range(10, 60))
    assert chosen[10].faces.classes.tolist() == chosen[29].faces.classes.tolist() == [0]
    assert chosen[35].faces.classes.tolist() == [0, 1]
    np.testing.assert_array_equal(chosen[35].faces.boxes, np.array([HERE, THERE], np.float32))
    assert not chosen[35].faces.ignored.any()
    known, doubtful = split(chosen[50])
    assert known.classes.tolist() == [1]
    np.testing.assert_array_equal(doubtful.boxes, np.array([HERE], np.float32))


def test_who_is_surely_nobody_is_background_and_who_may_be_somebody_is_doubtful() -> None:
    rows = [
        make_tracklet(0, 0, 20, vectors=[ANN] * 4, box=HERE),
        make_tracklet(1, 0, 20, vectors=[ELSE] * 4, box=THERE),
        make_tracklet(2, 0, 20, box=AWAY),
    ]

    known, doubtful = split(sure_frames(solution(rows), FRAMES)[5])

    assert known.classes.tolist() == [0]
    np.testing.assert_array_equal(doubtful.boxes, np.array([AWAY], np.float32))


def test_so_many_frames_from_all_over_and_whole_stretches_held_out() -> None:
    rows = [make_tracklet(0, 0, FRAMES, vectors=[ANN] * 4, box=HERE)]

    chosen = sure_frames(solution(rows), 50, held_out=0.2)

    assert len(chosen) == 50
    assert (chosen[0].frame, chosen[-1].frame) == (0, FRAMES - 1)
    apart = np.array([own.held_out for own in chosen])
    assert 8 <= apart.sum() <= 12
    assert np.abs(np.diff(apart.astype(int))).sum() == 8  # four stretches, none at an end
    assert not apart[0]


def test_where_nobody_is_known_there_is_no_frame() -> None:
    assert sure_frames(solution([make_tracklet(0, 0, 20)]), 50) == []
    assert sure_frames(solution([]), 50) == []
