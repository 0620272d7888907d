from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from closeup.fancam.assign import NOBODY
from closeup.fancam.camera.overrides import CropOverride
from closeup.fancam.corrections import read_corrections
from closeup.fancam.identity_assignment import Grounds, IdentityAssignment
from closeup.fancam.persons import VideoPerson
from closeup.fancam.reporting.doubt import alternatives, crop_fix, name_fixes, odds_in_words
from closeup.geometry import Size


def assignment_of(
    evidence: NDArray[np.float64],
    members: list[int],
    confidence: float | list[float] = 0.5,
    fixed: dict[int, int] | None = None,
) -> IdentityAssignment:
    """An assignment of persons of one tracklet each."""
    count = len(members)
    return IdentityAssignment(
        np.array(members, np.int64),
        np.broadcast_to(confidence, count),
        evidence,
        [VideoPerson((row,), (np.inf,), (np.inf,)) for row in range(count)],
        np.full(count, NOBODY),
        Grounds(evidence, np.zeros_like(evidence), *np.ones((2, len(evidence)))),
        fixed or {},
        np.zeros((count, count), bool),
    )


def test_a_member_with_another_member_behind() -> None:
    (choice,) = alternatives(assignment_of(np.array([[2.0, -4.0, 1.0]]), [0], 0.7))
    assert (choice.member, choice.confidence, choice.runner_up) == (0, 0.7, 2)
    assert choice.odds == pytest.approx(np.e)
    assert choice.doubt == pytest.approx(0.3)
    assert not choice.corrected


def test_a_member_with_nobody_behind() -> None:
    (choice,) = alternatives(assignment_of(np.array([[2.0, -4.0]]), [0]))
    assert choice.runner_up == NOBODY
    assert choice.odds == pytest.approx(np.exp(2))


def test_nobody_although_a_member_is_likelier() -> None:
    (choice,) = alternatives(assignment_of(np.array([[3.0, -4.0]]), [NOBODY]))
    assert choice.runner_up == 0
    assert choice.odds == pytest.approx(np.exp(-3))


def test_a_correction_is_told_from_a_sure_choice() -> None:
    sure = assignment_of(np.zeros((3, 1)), [0, NOBODY, 0], 1.0, {0: 0, 1: NOBODY})
    assert [choice.corrected for choice in alternatives(sure)] == [True, True, False]


def test_no_tracklets() -> None:
    assert alternatives(assignment_of(np.zeros((0, 3)), [], [])) == []


@given(arrays(np.float64, (4, 3), elements=st.floats(-15, 15)), st.data())
def test_the_runner_up_is_the_best_of_the_others(
    evidence: NDArray[np.float64], data: st.DataObject
) -> None:
    members = data.draw(st.lists(st.integers(-1, 2), min_size=4, max_size=4))
    for row, choice in zip(evidence, alternatives(assignment_of(evidence, members)), strict=True):
        value = {NOBODY: 0.0, **dict(enumerate(row))}
        assert choice.runner_up != choice.member
        assert all(value[m] <= value[choice.runner_up] for m in value if m != choice.member)
        assert np.log(choice.odds) == pytest.approx(value[choice.member] - value[choice.runner_up])


FRAME = Size(640, 360)
sides = st.floats(-500, 1200)
names = st.text(st.characters(codec="utf-8"), min_size=1)


@given(st.lists(st.none() | names, min_size=1, max_size=4, unique=True))
def test_a_line_names_the_person_whatever_the_name(people: list[str | None]) -> None:
    fixes = name_fixes("persons", 17, people)
    assert [json.loads(f"{{{fix.line}}}") for fix in fixes] == [{"17": name} for name in people]
    assert {fix.key for fix in fixes} == {"persons"}
    assert [fix.when == "It is none of the members" for fix in fixes] == [
        name is None for name in people
    ]


@given(sides, sides, st.floats(0, 700), st.floats(0, 700), names)
def test_a_crop_is_never_empty_and_inside_the_frame(
    x: float, y: float, width: float, height: float, name: str
) -> None:
    fix = crop_fix(name, 1.2345, 2.5, np.array([x, y, x + width, y + height]), FRAME)
    crop = json.loads(fix.line)
    x1, y1, x2, y2 = crop["box"]
    assert 0 <= x1 < x2 <= 639
    assert 0 <= y1 < y2 <= 359
    assert (crop["member"], crop["from"], crop["to"]) == (name, 1.23, 2.5)


def test_the_lines_are_corrections(tmp_path: Path) -> None:
    crop = crop_fix("Rosé", 1, 2, np.array([10.4, 20.6, 99.5, 180]), FRAME)
    lines = [fix.line for fix in name_fixes("tracklets", 4, ["Rosé"])]
    path = tmp_path / "corrections.json"
    path.write_text(
        f'{{"tracklets": {{{lines[0]}}}, "{crop.key}": [{crop.line}]}}', encoding="utf-8"
    )
    corrections = read_corrections(path)
    assert corrections.tracklets == ((4, "Rosé"),)
    assert corrections.crops == (("Rosé", CropOverride(1, 2, 10, 21, 100, 180)),)


@pytest.mark.parametrize(
    ("odds", "text"),
    [(1, "1 to 1"), (2.34, "2.3 to 1"), (14.4, "14 to 1"), (5000, "more than 1000 to 1")],
)
def test_odds_in_words(odds: float, text: str) -> None:
    assert odds_in_words(odds) == text
