"""The file of a loop: what was begun is gone on with, and anything else is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from closeup.errors import InputError
from closeup.pipeline.loop.loop_history import STEPS, LoopRound, answers_until
from closeup.pipeline.loop.loop_options import LoopBudget, LoopSetup
from closeup.pipeline.loop.loop_state import STATE, open_state

SHARES = st.floats(0, 1)
ROUNDS = st.builds(
    LoopRound,
    number=st.integers(1, 99),
    step=st.sampled_from(STEPS),
    asked=st.dictionaries(st.sampled_from(["verdicts", "points"]), st.integers(0, 999)),
    authors=st.dictionaries(st.text(), st.integers(0, 999)),
    revision=st.none() | st.integers(0, 9999),
    models=st.lists(st.text(), max_size=3).map(tuple),
    figures=st.dictionaries(st.text(), SHARES),
    interval=st.tuples(SHARES, SHARES),
    agreement=st.none() | SHARES,
    advice=st.text(),
)


@given(ROUNDS)
def test_a_round_survives_json(one: LoopRound) -> None:
    assert LoopRound.of_json(json.loads(json.dumps(one.as_json()))) == one


def test_a_project_remembers_its_options(tmp_path: Path) -> None:
    setup = {"pictures": tmp_path / "photos", "coarse": ("contour", "darkest"), "seed": 3}
    open_state(tmp_path / "p", setup, {"rounds": 2}).written()
    again = open_state(tmp_path / "p", {})
    assert again.setup == LoopSetup("pupils", tmp_path / "photos", ("contour", "darkest"), seed=3)
    assert again.budget == LoopBudget(rounds=2)
    assert again.rounds == (LoopRound(1),)


def test_the_budget_may_change_and_the_rest_may_not(tmp_path: Path) -> None:
    open_state(tmp_path, {"pictures": tmp_path / "photos"}).written()
    assert open_state(tmp_path, {}, {"points": 7}).budget.points == 7
    with pytest.raises(InputError, match="was begun with seed 0 instead of 5"):
        open_state(tmp_path, {"seed": 5})
    with pytest.raises(InputError, match="was begun with pictures"):
        open_state(tmp_path, {"pictures": tmp_path / "others"})


def test_without_a_project_pictures_are_needed(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no project; begin one with: closeup loop"):
        open_state(tmp_path / "none", {})


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "eyes").mkdir()
    with pytest.raises(InputError, match="holds eyes of something else"):
        open_state(tmp_path, {"pictures": tmp_path})


@pytest.mark.parametrize(
    "change",
    [
        {"rounds": 3},
        {"rounds": [{"number": 1}]},
        {"budget": {"rounds": 0}},
        {"budget": {"hours": 1}},
        {"key": {}},
        {"end": None, "rounds": []},
    ],
)
def test_a_damaged_file_is_refused_with_a_way_out(tmp_path: Path, change: dict[str, Any]) -> None:
    open_state(tmp_path, {"pictures": tmp_path / "photos"}).written()
    document = json.loads((tmp_path / STATE).read_text(encoding="utf-8")) | change
    del document["sha256"]
    (tmp_path / STATE).write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(InputError, match=r"loop\.json is damaged.*begin another project"):
        open_state(tmp_path, {})


@pytest.mark.parametrize("text", ["", "{", "[]", '{"sha256": "x"}'])
def test_a_broken_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / STATE).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"loop\.json"):
        open_state(tmp_path, {})


@pytest.mark.parametrize(
    "options", [{"learn": "ears"}, {"learn": "members"}, {"coarse": ()}, {"every": 0}]
)
def test_wrong_options_are_refused(tmp_path: Path, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"loop|coarse|every"):
        open_state(tmp_path, {"pictures": tmp_path, **options})


def test_answers_add_up() -> None:
    rounds = (LoopRound(1, answered={"points": 5}), LoopRound(2, answered={"points": 3}))
    assert answers_until(rounds, "points") == [5, 8]
    assert answers_until(rounds, "verdicts") == [0, 0]
