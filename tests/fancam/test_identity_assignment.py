from __future__ import annotations

import numpy as np

from closeup.fancam.assign import NOBODY
from closeup.fancam.identity_assignment import assign_members, trajectories
from closeup.identity.gallery import Gallery
from closeup.tracks import PositionSource
from tests.calibrations import plain
from tests.fancam.tracklet_maker import make_tracklet

ANN, BOB, ELSE = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
GALLERY = Gallery.of(
    plain(3), {"Ann": np.array([ANN] * 5, np.float32), "Bob": np.array([BOB] * 5, np.float32)}
)


def test_faces_name_the_tracklets() -> None:
    rows = [
        make_tracklet(0, 0, 10, vectors=[ANN] * 4),
        make_tracklet(1, 0, 10, vectors=[BOB] * 4),
        make_tracklet(2, 0, 10, vectors=[ELSE] * 4),
    ]
    assignment = assign_members(rows, GALLERY, {}, appearance=True)
    assert assignment.members.tolist() == [0, 1, NOBODY]
    assert np.all(assignment.confidence > 0.95)


def test_a_tracklet_without_a_face_is_nobody() -> None:
    assignment = assign_members([make_tracklet(0, 0, 10)], GALLERY, {}, appearance=True)
    assert assignment.members.tolist() == [NOBODY]


def test_clothes_find_who_has_no_face() -> None:
    rows = [
        make_tracklet(0, 0, 10, vectors=[ANN] * 4, colour=3),
        make_tracklet(1, 0, 10, vectors=[BOB] * 4, colour=90),
        make_tracklet(2, 20, 30, colour=90),
    ]
    assert assign_members(rows, GALLERY, {}, appearance=True).members.tolist() == [0, 1, 1]
    assert assign_members(rows, GALLERY, {}, appearance=False).members.tolist() == [0, 1, NOBODY]


def test_what_a_person_says_is_certain() -> None:
    rows = [make_tracklet(0, 0, 10, vectors=[ANN] * 4)]
    assignment = assign_members(rows, GALLERY, {0: 1}, appearance=True)
    assert assignment.members.tolist() == [1]
    assert assignment.confidence.tolist() == [1.0]


def test_a_seen_face_wins_over_a_carried_end() -> None:
    rows = [
        make_tracklet(0, 0, 20, seen=(0, 9), vectors=[ANN] * 4),
        make_tracklet(1, 15, 30, vectors=[ANN] * 4, box=(200, 10, 240, 60)),
    ]
    assignment = assign_members(rows, GALLERY, {}, appearance=False)
    ann, bob = trajectories(GALLERY.names, rows, assignment, 40)
    assert ann.tracklets[:31].tolist() == [0] * 15 + [1] * 15 + [-1]
    assert ann.sources[12] == PositionSource.TRACKED
    assert not bob.present.any()


def test_a_carried_end_stops_at_somebody_else() -> None:
    rows = [
        make_tracklet(0, 0, 20, seen=(0, 9), vectors=[ANN] * 4),
        make_tracklet(1, 14, 30, vectors=[BOB] * 4),
    ]
    assignment = assign_members(rows, GALLERY, {}, appearance=False)
    ann, bob = trajectories(GALLERY.names, rows, assignment, 40)
    assert np.flatnonzero(ann.present)[-1] == 13
    assert np.flatnonzero(bob.present)[0] == 14


def test_a_face_that_hardly_speaks_for_anybody_is_nobody() -> None:
    apart = float(np.linalg.norm(np.array(ANN) - np.array(ELSE)))
    doubtful = next(
        face
        for share in np.linspace(0, 1, 500)
        for face in [np.array(ANN) + share / apart * (np.array(ELSE) - np.array(ANN))]
        if GALLERY.evidence(np.tile(face, (4, 1)).astype(np.float32), np.ones(4, np.float32))[0]
        < 0.9
    )
    rows = [make_tracklet(0, 0, 10, vectors=[doubtful.tolist()] * 4)]
    assert GALLERY.evidence(rows[0].embeddings, rows[0].weights)[0] > 0
    assert assign_members(rows, GALLERY, {}, appearance=True).members.tolist() == [NOBODY]
