"""Persons get the names of members by their faces; corrections win; in doubt nobody is named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from closeup.errors import CorrectionsError
from closeup.fancam.assign import NOBODY
from closeup.fancam.conflicts import find_conflicts
from closeup.fancam.corrections import Corrections
from closeup.fancam.identity_assignment import IdentityAssignment, assign_members
from closeup.identity.gallery import Gallery
from closeup.tracks import Tracklet
from tests.calibrations import DLIB, plain
from tests.fancam.tracklet_maker import make_tracklet
from tests.fancam.two_members import (
    ANN,
    BOB,
    ELSE,
    GALLERY,
    LEFT,
    MIDDLE,
    RIGHT,
    between,
    timeline,
)  # fmt: skip

RED, BLUE = 3, 90
FRAMES = 200


def assigned(
    tracklets: Sequence[Tracklet],
    fixed: Mapping[int, int] | None = None,
    *,
    cuts: Sequence[int] = (),
    appearance: bool = True,
    gallery: Gallery = GALLERY,
) -> IdentityAssignment:
    when = timeline(FRAMES, cuts)
    named = {row: None if to == NOBODY else gallery.names[to] for row, to in (fixed or {}).items()}
    lines = Corrections(tracklets=tuple(named.items()))
    return assign_members(tracklets, gallery, lines, when, appearance=appearance)


def names(tracklets: Sequence[Tracklet], fixed: Mapping[int, int] | None = None) -> list[int]:
    return [int(member) for member in assigned(tracklets, fixed).members]


def test_faces_name_the_tracklets() -> None:
    rows = [
        make_tracklet(0, 0, 10, vectors=[ANN] * 4, box=LEFT),
        make_tracklet(1, 0, 10, vectors=[BOB] * 4, box=MIDDLE),
        make_tracklet(2, 0, 10, vectors=[ELSE] * 4, box=RIGHT),
    ]
    assignment = assigned(rows)
    assert assignment.members.tolist() == [0, 1, NOBODY]
    assert np.all(assignment.confidence > 0.95)


def test_all_tracklets_of_a_person_share_their_evidence() -> None:
    rows = [
        make_tracklet(0, 0, 40, vectors=[ANN] * 4),
        make_tracklet(1, 60, 100, vectors=[between(ANN, ELSE, 0.2)]),
    ]
    assignment = assigned(rows, cuts=[50])
    (person,) = assignment.persons
    assert person.tracklets == (0, 1)
    assert assignment.members.tolist() == [0, 0]
    np.testing.assert_array_equal(assignment.evidence[0], assignment.evidence[1])
    assert assignment.confidence.min() > 0.9


def test_a_tracklet_that_may_not_belong_to_its_person_is_less_sure() -> None:
    first = make_tracklet(0, 0, 40, vectors=[ANN] * 4)
    sure, doubtful = (
        assigned([first, make_tracklet(1, 140, 180, vectors=[between(ANN, ELSE, distance)] * 2)])
        for distance in (0.1, 0.3)
    )
    assert [len(found.persons) for found in (sure, doubtful)] == [1, 1]
    assert doubtful.confidence[1] < sure.confidence[1] - 0.01


def test_a_tracklet_without_a_face_is_nobody() -> None:
    assert names([make_tracklet(0, 0, 10)]) == [NOBODY]
    assert names([make_tracklet(0, 0, FRAMES)]) == [NOBODY], "although it is there all the time"


DRESSED = [
    make_tracklet(0, 0, 30, vectors=[ANN] * 4, colour=RED, box=LEFT),
    make_tracklet(1, 0, 30, vectors=[BOB] * 4, colour=BLUE, box=RIGHT),
]


def test_clothes_never_start_a_name() -> None:
    """A name needs a face: clothes alone once made a wall socket a member."""
    socket = make_tracklet(2, 150, 180, colour=BLUE, box=MIDDLE)
    found = assigned([*DRESSED, socket])
    assert found.members.tolist() == [0, 1, NOBODY]
    assert [person.tracklets for person in found.persons] == [(0,), (1,), (2,)]


def test_a_head_without_a_face_has_the_name_of_the_person_it_belongs_to() -> None:
    found_again = make_tracklet(2, 35, 60, colour=BLUE, box=RIGHT)
    assignment = assigned([*DRESSED, found_again])
    assert [person.tracklets for person in assignment.persons] == [(0,), (1, 2)]
    assert assignment.members.tolist() == [0, 1, 1]


def test_a_head_found_again_in_other_clothes_is_somebody_else() -> None:
    own, other = (
        assigned([*DRESSED, make_tracklet(2, 35, 60, colour=colour, box=RIGHT)])
        for colour in (BLUE, RED)
    )
    assert own.members.tolist() == [0, 1, 1]
    assert other.members.tolist() == [0, 1, NOBODY]
    without = assigned(
        [*DRESSED, make_tracklet(2, 35, 60, colour=RED, box=RIGHT)], appearance=False
    )
    assert without.members.tolist() == [0, 1, 1], "if clothes do not count, the place does"


def test_a_head_without_a_face_has_no_name_in_the_next_shot() -> None:
    found = assigned([*DRESSED, make_tracklet(2, 35, 60, colour=BLUE, box=RIGHT)], cuts=[32])
    assert found.members.tolist() == [0, 1, NOBODY]


def test_the_same_costume_says_nothing() -> None:
    costumed = [
        make_tracklet(0, 0, 30, vectors=[ANN] * 4, colour=RED, box=LEFT),
        make_tracklet(1, 0, 30, vectors=[BOB] * 4, colour=RED, box=RIGHT),
        make_tracklet(2, 35, 60, vectors=[between(ANN, BOB, 0.7)], colour=RED, box=MIDDLE),
    ]
    alike, without = assigned(costumed), assigned(costumed, appearance=False)
    assert alike.members.tolist() == without.members.tolist()
    np.testing.assert_array_equal(alike.evidence, without.evidence)


def test_clothes_never_overrule_a_face_that_says_no() -> None:
    stranger = make_tracklet(2, 35, 60, vectors=[ELSE] * 2, colour=BLUE, box=RIGHT)
    assert names([*DRESSED, stranger]) == [0, 1, NOBODY]


def test_what_a_user_says_is_certain() -> None:
    rows = [make_tracklet(0, 0, 10, vectors=[ANN] * 4)]
    assignment = assigned(rows, {0: 1})
    assert assignment.members.tolist() == [1]
    assert assignment.confidence.tolist() == [1.0]
    assert names([make_tracklet(0, 0, 10)], {0: 1}) == [1], "even without a face"


@pytest.mark.parametrize("member", [0, 1])
def test_a_correction_counts_for_the_whole_person(member: int) -> None:
    rows = [make_tracklet(0, 0, 40, vectors=[ANN] * 4), make_tracklet(1, 60, 90, vectors=[ANN] * 4)]
    assignment = assigned(rows, {0: member})
    assert assignment.members.tolist() == [member, member]
    assert assignment.confidence[1] > 0.99


def test_a_tracklet_that_is_nobody_is_taken_out_of_its_person() -> None:
    rows = [make_tracklet(0, 0, 40, vectors=[ANN] * 4), make_tracklet(1, 60, 90, vectors=[ANN] * 4)]
    found = assigned(rows, {0: NOBODY}).within(0.01)
    assert found.members.tolist() == [NOBODY, 0]


def test_corrections_to_different_members_set_tracklets_apart() -> None:
    rows = [
        make_tracklet(0, 0, 30, vectors=[ANN] * 4),
        make_tracklet(1, 30, 60, vectors=[ANN] * 4),
        make_tracklet(2, 60, 90, vectors=[ANN] * 4),
    ]
    assignment = assigned(rows, {0: 0, 1: 1, 2: NOBODY})
    assert assignment.members.tolist() == [0, 1, NOBODY]
    assert [person.tracklets for person in assignment.persons] == [(0,), (1,), (2,)]


def test_corrections_that_contradict_each_other_are_refused() -> None:
    rows = [
        make_tracklet(0, 0, 40, vectors=[ANN] * 4, box=LEFT),
        make_tracklet(1, 0, 40, vectors=[BOB] * 4, box=RIGHT),
    ]
    with pytest.raises(
        CorrectionsError, match='"0": "Ann" in tracklets and "1": "Ann" in tracklets'
    ):
        names(rows, {0: 0, 1: 0})


def test_a_corrected_name_is_a_model_of_the_member_in_this_video() -> None:
    """The photos do not fit, but other faces of the video fit the corrected one."""
    rows = [
        make_tracklet(0, 0, 40, vectors=[ELSE] * 4, box=LEFT),
        make_tracklet(1, 20, 40, vectors=[BOB] * 4, box=RIGHT),
        make_tracklet(2, 60, 90, vectors=[between(ELSE, (-1.0, 0, 0), 0.34)], box=RIGHT),
    ]
    before, after = assigned(rows), assigned(rows, {0: 0})
    assert len(after.persons) == 3
    assert before.members.tolist() == [NOBODY, 1, NOBODY]
    assert after.evidence[2, 0] > before.evidence[2, 0] + 3


def test_nobody_is_ever_seen() -> None:
    for appearance in (True, False):
        found = assigned([], appearance=appearance)
        assert found.members.shape == found.confidence.shape == (0,)
        assert found.evidence.shape == (0, 2)
        assert list(found.persons) == []


def test_one_person_only() -> None:
    alone = make_tracklet(0, 0, FRAMES, vectors=[ANN] * 4)
    found = assigned([alone])
    assert found.members.tolist() == [0]
    assert found.confidence[0] > 0.99
    assert names([make_tracklet(0, 0, FRAMES, vectors=[ELSE] * 4)]) == [NOBODY]


@pytest.mark.parametrize("share", [0.0, 0.1])
def test_of_twins_seen_at_once_one_is_the_member_and_that_is_not_sure(share: float) -> None:
    rows = [
        make_tracklet(0, 0, 60, vectors=[between(ANN, ELSE, share)] * 4, box=LEFT),
        make_tracklet(1, 0, 60, vectors=[between(ANN, BOB, share)] * 4, box=RIGHT),
    ]
    found, alone = assigned(rows), assigned(rows[:1])
    assert sorted(found.members.tolist()) == [NOBODY, 0]
    assert (found.confidence < alone.confidence - 0.01).all()
    assert (found.within(0.01).members == NOBODY).all(), "too uncertain to be shown"


def test_of_the_performer_and_the_picture_on_a_screen_the_performer_is_the_member() -> None:
    screen = (300.0, 10, 420, 160)
    rows = [
        make_tracklet(0, 0, 60, vectors=[between(ANN, ELSE, 0.1)] * 4, box=screen),
        make_tracklet(1, 0, 60, vectors=[between(ANN, ELSE, 0.2)] * 4, box=LEFT),
    ]
    found = assigned(rows).within(0.01)
    assert found.members.tolist() == [NOBODY, 0], "although the screen shows the face better"
    assert assigned(rows[:1]).within(0.01).members.tolist() == [0], "a close-up alone is no screen"


def test_a_correction_names_the_picture_on_a_screen() -> None:
    screen = (300.0, 10, 420, 160)
    rows = [
        make_tracklet(0, 0, 60, vectors=[ANN] * 4, box=screen),
        make_tracklet(1, 0, 60, vectors=[ANN] * 4, box=LEFT),
    ]
    assert names(rows, {0: 0}) == [0, NOBODY]


def test_twins_who_are_both_members_are_two_members() -> None:
    """Members who look alike: each is who fits better, and one of them is not both."""
    twins = {"Ann": np.array([ANN] * 5, np.float32), "Eve": np.array([between(ANN, BOB, 0.3)] * 5)}
    rows = [
        make_tracklet(0, 0, 60, vectors=[between(ANN, BOB, 0.25)] * 4, box=LEFT),
        make_tracklet(1, 0, 60, vectors=[between(ANN, BOB, 0.1)] * 4, box=RIGHT),
    ]
    assert assigned(rows, gallery=Gallery.of(plain(3), twins)).members.tolist() == [1, 0]


def test_members_who_are_not_in_the_video_are_not_named() -> None:
    rows = [
        make_tracklet(0, 0, 60, vectors=[ELSE] * 4, box=LEFT),
        make_tracklet(1, 0, 60, vectors=[between(ELSE, (-1.0, 0, 0), 0.7)] * 4, box=RIGHT),
    ]
    found = assigned(rows)
    assert found.members.tolist() == [NOBODY, NOBODY]
    assert found.confidence.min() > 0.95


def test_a_face_that_hardly_speaks_for_a_member_who_is_found_is_nobody() -> None:
    ann = make_tracklet(0, 0, 100, vectors=[ANN] * 4, box=LEFT)
    brief = make_tracklet(1, 190, 195, vectors=[between(ANN, ELSE, 0.39)] * 4, box=RIGHT)
    found = assigned([ann, brief])
    assert 0 < found.grounds.photos[1, 0] < 1
    assert found.members.tolist() == [0, NOBODY]
    brief = make_tracklet(1, 190, 195, vectors=[between(ANN, ELSE, 0.25)] * 4, box=RIGHT)
    assert names([ann, brief]) == [0, 0]


def test_candidates_are_the_likeliest_members_first() -> None:
    found = assigned([make_tracklet(0, 0, 50, vectors=[between(ANN, BOB, 0.3)] * 4)])
    (first, likely), (second, unlikely) = found.candidates(0)
    assert (first, second) == (0, 1)
    assert 1 >= likely > unlikely >= 0


PEOPLE = np.random.default_rng(5).normal(size=(4, DLIB.dimensions)).astype(np.float32)
BAND = Gallery.of(DLIB, {f"member {i}": PEOPLE[[i] * 5] for i in range(3)})


@st.composite
def videos(draw: st.DrawFn) -> list[Tracklet]:
    """Tracklets of three members and a stranger, whose faces are near their photos or less so."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    made = []
    for number in range(draw(st.integers(1, 8))):
        start, faces = int(rng.integers(80)), int(rng.integers(5))
        noise = rng.normal(size=(faces, DLIB.dimensions)) * rng.uniform(0, 1.5)
        vectors = PEOPLE[rng.integers(4)] + noise
        box = (LEFT, MIDDLE, RIGHT)[int(rng.integers(3))]
        stop = start + int(rng.integers(1, 20))
        colour = (None, RED, BLUE)[int(rng.integers(3))]
        made.append(
            make_tracklet(number, start, stop, vectors=vectors.tolist(), box=box, colour=colour)
        )
    return made


@settings(max_examples=40)
@given(videos(), st.data())
def test_every_video_has_a_consistent_assignment(
    tracklets: list[Tracklet], data: st.DataObject
) -> None:
    """A member is in one place, a name needs a face or a correction, and corrections win."""
    anyone = st.integers(NOBODY, 2)
    fixed = data.draw(st.dictionaries(st.integers(0, len(tracklets) - 1), anyone, max_size=1))
    found = assigned(tracklets, fixed, gallery=BAND)
    members = found.members
    assert all(members[row] == member for row, member in fixed.items())
    assert ((found.confidence >= 0) & (found.confidence <= 1)).all()
    assert np.isfinite(found.evidence).all()
    same = (members[:, None] == members) & (members != NOBODY)
    assert not (same & find_conflicts(tracklets)).any()
    for person in found.persons:
        own = members[list(person.tracklets)]
        assert (own == own[0]).all()
        faces = any(len(tracklets[t].embeddings) for t in person.tracklets)
        assert own[0] == NOBODY or faces or set(fixed) & set(person.tracklets)
