"""What a video and its members' photos teach about faces, and where the map is applied."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from closeup.cohort import Cohort, unit_length
from closeup.fancam.embedding_adaptation import adapt_embedding, constraints_of
from closeup.identity.gallery import Gallery
from closeup.tracks import Tracklet
from tests.calibrations import plain
from tests.fancam.tracklet_maker import make_tracklet
from tests.fancam.two_members import ANN, BOB, ELSE, GALLERY, LEFT, MIDDLE, RIGHT

SIDES = 6
NOBODY = Gallery.of(plain(3), {})


def faces(person: int, seed: int, count: int = 4) -> np.ndarray:
    """Faces of a person; all turn and blur in one direction."""
    rng = np.random.default_rng(seed)
    centre = np.eye(SIDES)[0] + 0.5 * np.eye(SIDES)[2 + person]
    turned = np.outer(0.3 * rng.normal(size=count), np.eye(SIDES)[1])
    return unit_length(centre + turned + 0.02 * rng.normal(size=(count, SIDES)))


def video() -> list[Tracklet]:
    """Three people side by side in five shots."""
    return [
        make_tracklet(
            3 * shot + person, 20 * shot, 20 * shot + 20,
            box=(LEFT, MIDDLE, RIGHT)[person], vectors=faces(person, 3 * shot + person).tolist(),
        )
        for shot in range(5)
        for person in range(3)
    ]  # fmt: skip


def gallery() -> Gallery:
    centres = np.concatenate([faces(person, 90 + person, 3) for person in range(3)])
    calibration = replace(plain(SIDES), cohort=Cohort(centres, 0.3))
    return Gallery.of(calibration, {"Ann": faces(0, 50), "Bob": faces(1, 51), "Cleo": faces(2, 52)})


def test_faces_of_a_tracklet_and_photos_of_a_member_are_one_person() -> None:
    rows = [
        make_tracklet(0, 0, 10, vectors=[ANN] * 4, box=LEFT),
        make_tracklet(1, 20, 30, box=LEFT),
        make_tracklet(2, 40, 50, vectors=[BOB] * 2, box=LEFT),
    ]
    found = constraints_of(rows, GALLERY)
    assert found.groups.tolist() == [0] * 4 + [1] * 2 + [2] * 5 + [3] * 5
    assert found.apart.tolist() == [[2, 3]], "the members"
    without = constraints_of(rows, NOBODY.with_members(["Ann"]))
    assert without.groups.tolist() == [0] * 4 + [1] * 2
    assert not len(without.apart)


def test_tracklets_that_are_seen_at_once_are_two_people() -> None:
    rows = [
        make_tracklet(0, 0, 10, vectors=[ANN] * 4, box=LEFT),
        make_tracklet(1, 0, 10, box=MIDDLE),
        make_tracklet(2, 0, 10, vectors=[BOB] * 4, box=RIGHT),
        make_tracklet(3, 20, 30, vectors=[ELSE] * 4, box=RIGHT),
    ]
    assert constraints_of(rows, NOBODY).apart.tolist() == [[0, 1]]


def test_a_face_that_is_shown_twice_is_no_evidence_of_two_people() -> None:
    large = (100.0, 10, 300, 260)
    rows = [
        make_tracklet(0, 0, 10, vectors=[ANN] * 4, box=(10.0, 10, 50, 60)),
        make_tracklet(1, 0, 10, vectors=[ANN] * 4, box=large),
    ]
    assert not len(constraints_of(rows, NOBODY).apart)


def test_faces_without_a_vector_are_left_out() -> None:
    broken = [ANN, (np.nan, 0.0, 0.0), (0.0, 0.0, 0.0), BOB]
    found = constraints_of([make_tracklet(0, 0, 10, vectors=broken)], NOBODY)
    assert found.vectors.tolist() == [list(ANN), list(BOB)]


def test_a_video_teaches_which_directions_tell_people_apart() -> None:
    found = adapt_embedding(video(), gallery())
    assert found.learnt is not None
    assert found.line == (
        "adapted the embedding to this video by 60 faces of 15 tracklets, 12 photos, "
        "18 pairs of two people"
    )
    assert found.document() == {
        "adapted": True, "tracklets": 15, "faces": 60, "photos": 12, "pairs": 18,
    }  # fmt: skip
    assert found.learnt.matrix[1, 1] < found.learnt.matrix[2:, 2:].diagonal().min()


def test_faces_photos_and_cohort_are_mapped_alike() -> None:
    rows, members = video(), gallery()
    found = adapt_embedding(rows, members)
    assert found.learnt is not None
    mapped, known = found.of_tracklets(rows), found.of_gallery(members)
    for before, after in zip(rows, mapped, strict=True):
        np.testing.assert_array_equal(after.embeddings, found.learnt.vectors(before.embeddings))
        assert (after.id, after.frames.tolist()) == (before.id, before.frames.tolist())
    np.testing.assert_array_equal(known.vectors, found.learnt.vectors(members.vectors))
    assert known.names == members.names
    assert members.calibration.cohort is not None
    assert known.calibration.cohort is not None
    centres = found.learnt.vectors(members.calibration.cohort.centres)
    np.testing.assert_array_equal(known.calibration.cohort.centres, centres)
    nearest = known.distances(mapped[0].embeddings)
    assert nearest[:, 0].max() < members.distances(rows[0].embeddings)[:, 0].max()
    assert (nearest.argmin(axis=1) == 0).all()


def test_a_tracklet_without_faces_stays() -> None:
    rows = [*video(), make_tracklet(15, 200, 210)]
    found = adapt_embedding(rows, gallery())
    assert found.learnt is not None
    assert found.of_tracklets(rows)[15] is rows[15]
    assert found.tracklets == 15


def test_too_little_leaves_everything_as_it_is() -> None:
    rows = [make_tracklet(0, 0, 10, vectors=[ANN])]
    for tracklets in ([], rows):
        found = adapt_embedding(tracklets, NOBODY)
        assert found.learnt is None
        assert found.line == (
            "too little to adapt the embedding to this video: 0 faces of 0 tracklets, 0 photos, "
            "0 pairs of two people; it stays as it is"
        )
        assert not found.document()["adapted"]
        assert found.of_tracklets(tracklets) is tracklets
        assert found.of_gallery(NOBODY) is NOBODY
