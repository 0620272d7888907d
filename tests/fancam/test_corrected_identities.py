"""Identities with corrections: persons who are named without photos, and persons divided."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.errors import CorrectionsError
from closeup.fancam.assign import NOBODY
from closeup.fancam.corrections import Corrections
from closeup.fancam.identity_assignment import IdentityAssignment, Timeline, assign_members
from closeup.fancam.persons import VideoPerson, divided
from closeup.geometry import Size
from closeup.identity.gallery import Gallery
from closeup.tracks import Tracklet
from tests.calibrations import plain
from tests.fancam.tracklet_maker import make_tracklet

ANN, BEA, CLEO = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
LEFT, RIGHT = (10, 10, 50, 60), (300, 10, 340, 60)
FRAMES = 100
NOBODY_KNOWN = Gallery.of(plain(3), {})

PAIR = [
    make_tracklet(0, 0, 40, box=LEFT, vectors=[ANN] * 4),
    make_tracklet(1, 0, 40, box=RIGHT, vectors=[BEA] * 4),
    make_tracklet(2, 50, 90, box=RIGHT, vectors=[ANN] * 4),
    make_tracklet(3, 50, 90, box=LEFT, vectors=[BEA] * 4),
]
"""Two people who change sides; a later tracklet of each is joined to the earlier one."""


def assigned(
    tracklets: list[Tracklet], corrections: Corrections, gallery: Gallery = NOBODY_KNOWN
) -> IdentityAssignment:
    timeline = Timeline(np.arange(FRAMES) / 25, (), Size(640, 360))
    members = gallery.with_members(corrections.named)
    return assign_members(tracklets, members, corrections, timeline, appearance=True)


def test_without_members_everybody_is_nobody() -> None:
    found = assigned(PAIR, Corrections())
    assert found.members.tolist() == [NOBODY] * 4
    assert [person.tracklets for person in found.persons] == [(0, 2), (1, 3)]


def test_one_line_names_a_person_without_photos() -> None:
    found = assigned(PAIR, Corrections(persons=((3, "Bea"),)))
    assert found.members.tolist() == [NOBODY, 0, NOBODY, 0]
    assert found.confidence[[1, 3]].tolist() == [1, 1]
    assert found.fixed == {1: 0, 3: 0}


def test_a_named_face_is_found_again() -> None:
    """A tracklet that was not joined to the named person has the same face."""
    again = make_tracklet(4, 92, 100, box=LEFT, vectors=[(0.99, 0.14, 0.0)])
    other = make_tracklet(5, 92, 100, box=RIGHT, vectors=[CLEO])
    line, gallery = Corrections(tracklets=((0, "Ann"),)), NOBODY_KNOWN.with_members(["Ann"])
    named = assigned([*PAIR, again, other], line, gallery)
    assert named.members[[0, 2, 4]].tolist() == [0, 0, 0]
    assert named.members[[1, 3, 5]].tolist() == [NOBODY] * 3
    assert named.confidence[2] > 0.95


def test_a_name_without_a_face_names_nobody_else() -> None:
    faceless = make_tracklet(4, 92, 100, box=(560, 250, 600, 300))
    found = assigned([*PAIR, faceless], Corrections(persons=((4, "Ann"),)))
    assert found.members.tolist() == [NOBODY] * 4 + [0]


def test_photos_and_names_may_be_of_one_member() -> None:
    gallery = Gallery.of(plain(3), {"Ann": np.array([CLEO] * 3, np.float32)})
    assert assigned(PAIR, Corrections(), gallery).members.tolist() == [NOBODY] * 4
    found = assigned(PAIR, Corrections(persons=((0, "Ann"),)), gallery)
    assert found.members.tolist() == [0, NOBODY, 0, NOBODY]


def test_a_tracklet_is_taken_out_of_its_person() -> None:
    lines = Corrections(persons=((0, "Ann"),), tracklets=((2, None),))
    found = assigned(PAIR, lines)
    assert [person.tracklets for person in found.persons] == [(0,), (1, 3), (2,)]
    assert found.members.tolist() == [0, NOBODY, NOBODY, NOBODY]


def test_two_persons_at_once_are_not_one_member() -> None:
    with pytest.raises(CorrectionsError, match="tracklets 0 and 1 are seen at the same time"):
        assigned(PAIR, Corrections(persons=((0, "Ann"), (1, "Ann"))))


def test_a_video_without_anybody() -> None:
    assert assigned([], Corrections()).members.shape == (0,)
    with pytest.raises(CorrectionsError, match="there is no tracklet 0, the video has 0"):
        assigned([], Corrections(persons=((0, "Ann"),)))


@given(st.lists(st.lists(st.none() | st.integers(-1, 2), min_size=1, max_size=5), max_size=5))
def test_persons_are_divided_by_what_is_known(values: list[list[int | None]]) -> None:
    """Every tracklet stays in one part of its person, and a part holds one identity."""
    ids = iter(range(100))
    persons: list[VideoPerson] = []
    fixed: dict[int, int] = {}
    for own in values:
        rows = [next(ids) for _ in own]
        persons.append(VideoPerson(tuple(rows), (3.0,) * len(rows), (3.0,) * len(rows)))
        fixed |= {row: value for row, value in zip(rows, own, strict=True) if value is not None}
    parts = divided(persons, fixed)
    assert sorted(row for part in parts for row in part.tracklets) == list(range(next(ids)))
    assert [part.id for part in parts] == sorted(part.id for part in parts)
    for part in parts:
        assert len({fixed.get(row) for row in part.tracklets}) == 1
        assert sum(set(part.tracklets) <= set(person.tracklets) for person in persons) == 1
        assert len(part.links) == len(part.faces) == len(part.tracklets)
    assert len(parts) == sum(len(set(own)) for own in values)
