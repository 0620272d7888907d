"""Members are filled in where a detector of them is sure, and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from closeup.detections import Detections
from closeup.fancam.corrections import Corrections
from closeup.fancam.face_from_body import upper_bodies
from closeup.fancam.gap_filling import with_hidden
from closeup.fancam.identity_assignment import assign_members
from closeup.fancam.member_detections import MemberDetections
from closeup.fancam.member_tracks import trajectories
from closeup.geometry import Size, iou
from closeup.tracks import PositionSource, Tracklet, Trajectory
from tests.fancam.tracklet_maker import make_tracklet
from tests.fancam.two_members import ANN, BOB, ELSE, GALLERY, timeline

FRAMES, EVERY = 100, 5
HERE, THERE = (100.0, 100, 139, 150), (400.0, 100, 439, 150)
SEEN = [make_tracklet(0, 0, 51, vectors=[ANN] * 4, box=HERE)]

Look = tuple[int, int, Sequence[float], float]
"""Frame, member, face and score."""


def sight(looks: Sequence[Look]) -> MemberDetections:
    ordered = sorted(looks, key=lambda look: look[0])
    frames = np.arange(0, FRAMES, EVERY)
    faces = np.array([look[2] for look in ordered], np.float32).reshape(-1, 4)
    return MemberDetections(
        frames,
        np.array([look[0] // EVERY for look in ordered], np.int64),
        Detections(
            upper_bodies(faces, Size(2000, 2000)),
            np.array([look[3] for look in ordered], np.float32),
            np.array([look[1] for look in ordered], np.int64),
        ),
    )


def filled(
    looks: Sequence[Look], tracklets: Sequence[Tracklet] = SEEN, cuts: Sequence[int] = ()
) -> list[Trajectory]:
    assignment = assign_members(
        tracklets, GALLERY, Corrections(), timeline(FRAMES, cuts), appearance=False
    )
    known = trajectories(GALLERY.names, tracklets, assignment, timeline(FRAMES, cuts))
    return with_hidden(known, tracklets, assignment, sight(looks), cuts)


def always(member: int, face: Sequence[float], start: int = 0, end: int = FRAMES) -> list[Look]:
    return [(frame, member, face, 0.9) for frame in range(start, end, EVERY)]


def test_a_member_is_there_as_long_as_the_detector_sees_them() -> None:
    ann, bob = filled(always(0, HERE, 0, 81))

    # Between the last face and the first look there is a gap, which is filled as all gaps are.
    assert np.flatnonzero(ann.present).tolist() == [*range(51), *range(55, 81)]
    assert set(ann.sources[55:81].tolist()) == {int(PositionSource.TRACKED)}
    assert (ann.tracklets[55:81] == -1).all()
    np.testing.assert_allclose(ann.confidence[55:81], 0.9, atol=1e-6)
    assert iou(ann.boxes[60:61], np.array([HERE], np.float32))[0, 0] > 0.9
    assert not bob.present.any()


def test_what_faces_have_decided_stays() -> None:
    (ann, _), (alone, _) = filled(always(0, THERE)), filled([])
    np.testing.assert_array_equal(ann.boxes[:51], alone.boxes[:51])
    np.testing.assert_array_equal(ann.sources[:51], alone.sources[:51])


def test_a_moment_is_not_believed() -> None:
    ann, _ = filled([(70, 0, HERE, 0.99), (75, 0, HERE, 0.99), (90, 0, HERE, 0.99)])
    assert not ann.present[51:].any()


def test_who_is_not_sure_is_not_believed() -> None:
    ann, _ = filled([(frame, 0, HERE, 0.4) for frame in range(60, 100, EVERY)])
    assert not ann.present[51:].any()


def test_nobody_leaps() -> None:
    looks = [(60 + EVERY * n, 0, (HERE, THERE)[n % 2], 0.9) for n in range(8)]
    ann, _ = filled(looks)
    assert not ann.present[51:].any()


def test_nobody_stays_through_a_cut() -> None:
    ann, _ = filled(always(0, HERE, 60, 76), cuts=[68])
    assert not ann.present[51:].any()
    ann, _ = filled(always(0, HERE, 60, 76))
    assert ann.present[60:76].all()


def test_nobody_is_put_where_another_member_is() -> None:
    tracklets = [*SEEN, make_tracklet(1, 0, FRAMES, vectors=[BOB] * 4, box=THERE)]
    ann, bob = filled(always(0, THERE, 60), tracklets)
    assert not ann.present[51:].any()
    assert bob.present.all()


def test_nobody_is_put_where_a_face_says_that_it_is_somebody_else() -> None:
    tracklets = [*SEEN, make_tracklet(1, 0, FRAMES, vectors=[ELSE] * 4, box=THERE)]
    ann, _ = filled(always(0, THERE, 60), tracklets)
    assert not ann.present[51:].any()


def test_without_any_face_the_detector_alone_knows() -> None:
    ann, bob = filled([*always(0, HERE, 0, 50), *always(1, THERE, 20, 60)], tracklets=[])
    assert np.flatnonzero(ann.present).tolist() == list(range(46))
    assert np.flatnonzero(bob.present).tolist() == list(range(20, 56))
    assert iou(bob.boxes[30:31], np.array([THERE], np.float32))[0, 0] > 0.8
