from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from closeup.fancam.analysis import Analysis
from closeup.fancam.camera.clock import frame_edges
from closeup.fancam.reporting.doubt import Doubt
from closeup.fancam.reporting.doubts import find_doubts
from closeup.identity.enrolment import OddPhoto
from closeup.identity.gallery import Gallery
from tests.fancam.report_scene import NAMES, PLACES, RATE, STAGE, Head, analysed, gallery, solved

ROSE, LISA, JISOO = NAMES


@pytest.fixture(scope="module")
def analysis(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    return analysed(tmp_path_factory.mktemp("analysis"), STAGE)


def doubts_of(
    analysis: Analysis, members: Gallery | None = None, rejected: dict[str, int] | None = None
) -> list[Doubt]:
    solution = solved(analysis, members)
    edges = frame_edges(solution.seconds)
    return find_doubts(solution, members or gallery(), rejected or {}, edges)


def test_the_most_doubtful_comes_first(analysis: Analysis) -> None:
    found = doubts_of(analysis)
    values = [doubt.doubt for doubt in found]
    assert values == sorted(values, reverse=True)
    assert all(0 < value <= 1 for value in values)
    assert next(doubt.person for doubt in found if doubt.person is not None) == 2


def test_a_member_who_is_nowhere_is_told(analysis: Analysis) -> None:
    (nowhere,) = [doubt for doubt in doubts_of(analysis) if "nowhere" in doubt.why]
    assert (nowhere.members, nowhere.start, nowhere.end) == ((JISOO,), 0, 12)


def test_a_member_who_is_probably_somewhere_is_not_nowhere(tmp_path: Path) -> None:
    """The page asks who is who instead."""
    stage = [Head(0, 150, PLACES[0]), Head(20, 120, PLACES[0], x=400)]
    found = doubts_of(analysed(tmp_path, stage))
    assert any(f"Probably {ROSE}, but not certain" in doubt.why for doubt in found)
    assert [doubt.members for doubt in found if "nowhere" in doubt.why] == [(LISA,), (JISOO,)]


def test_two_members_who_look_like_one_person_are_named(analysis: Analysis) -> None:
    near = PLACES.copy()
    near[2] = PLACES[1] + np.float32(0.05)
    (alike,) = [d for d in doubts_of(analysis, gallery(places=near)) if "same person" in d.why]
    assert alike.members == (LISA, JISOO)
    assert alike.doubt == 1


@pytest.mark.parametrize(("photos", "rejected", "told"), [(1, 3, 1), (1, 0, 0), (2, 3, 0)])
def test_a_member_with_one_photo_left_is_told(
    analysis: Analysis, photos: int, rejected: int, told: int
) -> None:
    found = doubts_of(analysis, gallery((4, photos, 4)), {LISA: rejected})
    assert sum("but one were left out" in doubt.why for doubt in found) == told


def test_a_photo_that_may_be_of_somebody_else_is_told(analysis: Analysis) -> None:
    members = replace(gallery(), odd=(OddPhoto(LISA, Path("x/3.jpg")),))
    (odd,) = [d for d in doubts_of(analysis, members) if "other photos" in d.why]
    assert odd.why == f"3.jpg does not look like the other photos of {LISA}; check it."
    assert (odd.members, odd.fixes) == ((LISA,), ())


def test_a_long_time_without_a_face_comes_with_the_crop_as_it_is(analysis: Analysis) -> None:
    (carried,) = [doubt for doubt in doubts_of(analysis) if "without a face" in doubt.why]
    assert carried.members == (LISA,)
    assert (carried.start, carried.end) == (36 / RATE, 110 / RATE)
    assert carried.tracklet == 1
    assert carried.fixes[0].key == "crops"


def test_a_short_time_without_a_face_is_none(tmp_path: Path) -> None:
    stage = [Head(0, 150, PLACES[0], unseen=(50, 90))]
    assert not [doubt for doubt in doubts_of(analysed(tmp_path, stage)) if doubt.fixes]
