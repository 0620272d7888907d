from __future__ import annotations

from pathlib import Path

import numpy as np

from closeup.fancam.camera.clock import frame_edges
from closeup.fancam.corrections import Corrections
from closeup.fancam.reporting.doubt import Doubt
from closeup.fancam.reporting.doubts import doubtful_persons
from tests.fancam.report_scene import BETWEEN, NAMES, PLACES, STRANGER, Head, analysed, solved

ROSE, LISA, JISOO = NAMES
NONE = "It is none of the members"
LISA_MOST = np.array([0.3, 0.4, 0.3], np.float32) @ PLACES
"""A face between all three, nearest to Lisa."""


def doubts_of(folder: Path, *stage: Head, corrections: Corrections | None = None) -> list[Doubt]:
    solution = solved(analysed(folder, list(stage)), corrections=corrections)
    return list(doubtful_persons(solution, frame_edges(solution.seconds)))


def test_members_and_strangers_who_are_sure_are_no_doubt(tmp_path: Path) -> None:
    stage = [Head(0, 150, PLACES[0]), Head(0, 150, STRANGER, x=400)]
    assert doubts_of(tmp_path, *stage) == []


def test_two_at_once_who_look_like_one_member(tmp_path: Path) -> None:
    stage = Head(0, 150, PLACES[0]), Head(20, 100, PLACES[0], x=400), Head(150, 300, PLACES[0])
    likelier, other = doubts_of(tmp_path, *stage)
    assert (likelier.person, other.person) == (0, 1)
    assert likelier.why == f"Probably {ROSE}, but not certain enough to be shown."
    assert other.why.startswith(f"Looks like {ROSE} (")
    assert other.why.endswith(f"nobody because person 0 looks like {ROSE}, too, at the same time.")
    lines = ['"0": "Rosé"', '"0": null', '"1": "Rosé"', '"1": null']
    assert [fix.line for fix in (*likelier.fixes, *other.fixes)] == lines


def test_a_member_who_surely_is_somebody_else_is_not_offered(tmp_path: Path) -> None:
    """Corrections count as sure, and so does a face that is much more like the photos."""
    stage = Head(0, 150, PLACES[1]), Head(0, 150, LISA_MOST, x=400)
    for name, lines in [("seen", ()), ("corrected", ((0, LISA),))]:
        (doubt,) = doubts_of(tmp_path / name, *stage, corrections=Corrections(tracklets=lines))
        assert doubt.person == 1
        assert [fix.when for fix in doubt.fixes] == [f"It is {ROSE}", f"It is {JISOO}", NONE]


def test_a_moment_of_two_at_once_is_none(tmp_path: Path) -> None:
    found = doubts_of(tmp_path, Head(0, 150, PLACES[0]), Head(20, 32, PLACES[0], x=400))
    assert not [doubt for doubt in found if doubt.person == 1]


def test_somebody_between_two_members(tmp_path: Path) -> None:
    (doubt,) = doubts_of(tmp_path, Head(0, 150, BETWEEN))
    assert doubt.why.startswith(f"Probably {LISA}, but it could be {ROSE} (")
    assert doubt.members == (LISA, ROSE)
    assert [fix.line for fix in doubt.fixes] == ['"0": "Rosé"', '"0": null']
    assert {fix.key for fix in doubt.fixes} == {"persons"}


def test_a_person_whose_member_is_somebody_else_says_who(tmp_path: Path) -> None:
    """The surer person takes Lisa, so the other one at the same time becomes nobody."""
    pushed = np.array([0.1, 0.7, 0.2], np.float32) @ PLACES
    (doubt,) = doubts_of(tmp_path, Head(0, 150, PLACES[1]), Head(0, 150, pushed, x=400))
    assert doubt.why.startswith(f"Looks like {LISA} (")
    assert f"was given to nobody because tracklet 0 shows {LISA}" in doubt.why


def test_a_long_face_that_was_never_clear_may_be_anybody(tmp_path: Path) -> None:
    found = doubts_of(tmp_path, Head(0, 150, STRANGER, faces=0), Head(0, 40, STRANGER, faces=0))
    (doubt,) = found
    assert "never clear" in doubt.why
    assert doubt.members == ()
    assert [fix.when for fix in doubt.fixes] == [*(f"It is {name}" for name in NAMES), NONE]


def test_a_small_unclear_face_is_an_audience(tmp_path: Path) -> None:
    audience = Head(0, 150, STRANGER, x=400, height=20, faces=0)
    assert doubts_of(tmp_path, Head(0, 150, PLACES[0]), audience) == []


def test_what_a_person_decided_is_no_doubt(tmp_path: Path) -> None:
    corrections = Corrections(tracklets=((0, ROSE),))
    assert doubts_of(tmp_path, Head(0, 150, BETWEEN), corrections=corrections) == []


def test_a_name_that_is_not_shown_is_a_doubt(tmp_path: Path) -> None:
    third = PLACES.mean(axis=0)
    (doubt,) = doubts_of(tmp_path, Head(0, 150, third))
    assert doubt.why == f"Probably {JISOO}, but not certain enough to be shown."
    assert {fix.when for fix in doubt.fixes} == {NONE, *(f"It is {name}" for name in NAMES)}
    assert doubt.doubt > 0.25


def test_the_longer_of_two_equal_doubts_counts_more(tmp_path: Path) -> None:
    (short,) = doubts_of(tmp_path / "short", Head(0, 20, BETWEEN))
    (long,) = doubts_of(tmp_path / "long", Head(40, 140, BETWEEN))
    assert short.doubt < long.doubt


def test_a_doubt_with_a_reason_counts_more_than_ignorance(tmp_path: Path) -> None:
    known, unknown = doubts_of(
        tmp_path, Head(0, 150, BETWEEN), Head(0, 150, STRANGER, x=400, faces=0)
    )
    assert known.members
    assert unknown.doubt < known.doubt
