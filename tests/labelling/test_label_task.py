"""Tasks by name and from YAML files."""

from __future__ import annotations

from pathlib import Path

import pytest

from closeup.annotations import LabelSchema
from closeup.errors import InputError
from closeup.labelling.key_bindings import KeyAction
from closeup.labelling.label_task import (
    TASKS,
    LabelMode,
    open_task,
    schema_as_json,
    schema_of_json,
    with_names,
)

FILE = """
mode: points
points: [right_corner, pupil, left_corner]
classes: [1, Ann, 한글]
skeleton: [[right_corner, pupil]]
targets: {Ann: 1500}
box: true
keep: [left_corner]
guidance: |
  Put the point on the middle.
keys: {false: p, previous: d}
"""


def test_a_file_holds_a_task(tmp_path: Path) -> None:
    path = tmp_path / "eye.yaml"
    path.write_text(FILE)
    task = open_task(path)
    assert task.mode is LabelMode.POINTS
    assert task.schema == LabelSchema(
        ("right_corner", "pupil", "left_corner"),
        ("1", "Ann", "한글"),
        (("right_corner", "pupil"),),
        {"Ann": 1500},
        box=True,
    )
    assert (task.keep, task.guidance) == (("left_corner",), "Put the point on the middle.\n")
    assert task.keys.action("d") is KeyAction.PREVIOUS
    assert schema_of_json(schema_as_json(task.schema)) == task.schema


@pytest.mark.parametrize("name", TASKS)
def test_a_task_has_a_name(name: str) -> None:
    task = open_task(name)
    assert task is TASKS[name] is open_task(task)
    assert task.guidance
    assert schema_of_json(schema_as_json(task.schema)) == task.schema


def test_names_of_members_come_behind_those_of_the_task() -> None:
    task = with_names(with_names(TASKS["members"], ("Ann", "Bo")), ("Bo", "Cleo"))
    assert task.schema.classes == ("Ann", "Bo", "Cleo")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("mode: points", "the mode points needs the names of points"),
        ("mode: dance", "the mode is 'dance'; it must be one of review, points, boxes"),
        ("points: [a]", "the mode is None; it must be one of review"),
        ("mode: [points]", "the mode is ['points']; it must be one of"),
        ("mode: boxes\ncolour: red", "'colour' is no member of a task; there are"),
        ("mode: boxes\n3: red", "'3' is no member of a task"),
        ("mode: points\npoints: [a, a]", "the point 'a' is there twice; name it once"),
        ("mode: points\npoints: ['']", "a point has no name"),
        ("mode: points\npoints: pupil", "points must be a list of names"),
        ("mode: points\npoints: [no]", "points has False, not a name; write it in quotes"),
        ("mode: points\npoints: [[a]]", "points must be a list of names"),
        ("mode: points\npoints: [a]\nkeep: [b]", "keep names the point 'b'"),
        ("mode: points\npoints: [a]\nskeleton: [[a, b]]", "the skeleton names the point 'b'"),
        ("mode: points\npoints: [a]\nskeleton: [a]", "skeleton must be a list of pairs"),
        ("mode: boxes\nclasses: [a]\ntargets: {a: many}", "the target of 'a' is 'many'"),
        ("mode: boxes\nclasses: [a]\ntargets: {a: [1]}", "the target of 'a' is [1]"),
        ("mode: boxes\nclasses: [a]\ntargets: {a: -1}", "the target of 'a' is -1"),
        ("mode: boxes\nclasses: [a]\ntargets: {b: 1}", "the targets name the class 'b'"),
        ("mode: boxes\ntargets: [a]", "targets must give a number for each class"),
        ("mode: boxes\nkeys: {next: p}", "next and previous have the key 'p'"),
        ("mode: boxes\nkeys: [a]", "keys must give a key for each action"),
        ("mode: boxes\nguidance: [a]", "guidance must be text"),
        ("mode: boxes\nbox: 'no'", "box must be true or false"),
        ("[a, b]", "it holds no members such as mode and points"),
        ("", "it holds no members such as mode and points"),
        ("a: [", "not YAML; correct it"),
        ("mode: !!python/object:os.system {}", "not YAML; correct it"),
    ],
)
def test_what_is_no_task_is_named(content: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "task.yaml"
    path.write_text(content)
    with pytest.raises(InputError) as told:
        open_task(path)
    assert str(told.value).startswith(str(path))
    assert reason in str(told.value)
    assert str(told.value).endswith("correct it")
    assert "\n" not in str(told.value)


def test_a_task_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such task; name one of pupil, eye, face, members"):
        open_task("nose")
    with pytest.raises(InputError, match=r"none\.yaml"):
        open_task(tmp_path / "none.yaml")
    binary = tmp_path / "a.yaml"
    binary.write_bytes(bytes(range(256)))
    with pytest.raises(InputError, match=r"a\.yaml"):
        open_task(binary)
