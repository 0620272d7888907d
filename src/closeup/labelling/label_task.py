"""A labelling task: what people are asked to do, and its YAML file.

    mode: points
    points: [right_corner, pupil, left_corner]
    keep: [right_corner, left_corner]
    guidance: |
      Put the pupil's point on the middle of the dark disc, also where a highlight covers it.

Members of the file are ``mode``, ``points``, ``classes``, ``skeleton``, ``targets``, ``box``,
``keep``, ``guidance`` and ``keys``; all but the mode may be left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import yaml

from closeup.annotations import LabelSchema
from closeup.errors import InputError
from closeup.files.text import read_text
from closeup.labelling.key_bindings import KeyBindings, bindings
from closeup.labels import FIVE_POINTS

T = TypeVar("T")


class LabelMode(StrEnum):
    """What a person does with a picture."""

    REVIEW = "review"
    """Calls proposed labels true or false."""
    POINTS = "points"
    """Sets and corrects named points."""
    BOXES = "boxes"
    """Draws and corrects boxes with names."""


@dataclass(frozen=True, slots=True)
class LabelTask:
    """What people are asked to do.

    Attributes:
        mode: What a person does with a picture.
        schema: Names of points and classes.
        keep: Points whose place a new picture takes over from the one before.
        guidance: What to label and how, for the people, in plain text.
        keys: Actions' keys.

    """

    mode: LabelMode
    schema: LabelSchema = field(default_factory=LabelSchema)
    keep: tuple[str, ...] = ()
    guidance: str = ""
    keys: KeyBindings = field(default_factory=KeyBindings)

    def __post_init__(self) -> None:
        for name in self.keep:
            if name not in self.schema.points:
                raise ValueError(f"keep names the point {name!r}, which is not in points")
        if self.mode is LabelMode.POINTS and not self.schema.points:
            raise ValueError("the mode points needs the names of points")


_TIGHT = (
    "Draw the box around the face itself: from the hair line to the chin, from ear to ear. "
    "Leave out faces that are turned away, hidden by more than half, or merged with another one."
)
_SHOULDERS = (
    "Draw the box around head and shoulders: from the top of the hair or hat down to the armpits, "
    "as wide as both shoulders, up to the edge of the picture where it cuts them off. Leave out "
    "people who are turned away, hidden by more than half, or merged with another one."
)

TASKS: Mapping[str, LabelTask] = {
    "pupil": LabelTask(
        LabelMode.POINTS,
        LabelSchema(points=("pupil",)),
        guidance="Put the point on the middle of the pupil, also where a highlight covers it.",
    ),
    "eye": LabelTask(
        LabelMode.POINTS,
        LabelSchema(
            points=("right_corner", "pupil", "left_corner"),
            skeleton=(("right_corner", "pupil"), ("pupil", "left_corner")),
        ),
        guidance="Corners are where the lids meet; right is the person's right, left in the "
        "picture. Mark a point as hidden if something covers it.",
    ),
    "face": LabelTask(
        LabelMode.POINTS,
        LabelSchema(points=FIVE_POINTS),
        guidance="Pupils, the tip of the nose and the corners of the mouth; right is the person's "
        "right. Mark a point as hidden if something covers it.",
    ),
    "members": LabelTask(LabelMode.BOXES, LabelSchema(box=True), guidance=_TIGHT),
    "shoulders": LabelTask(LabelMode.BOXES, LabelSchema(box=True), guidance=_SHOULDERS),
    "review": LabelTask(
        LabelMode.REVIEW,
        guidance="True: you would have put the label there. False: it is visibly off. "
        "Skip what cannot be told.",
    ),
}
"""Tasks that ``--task`` takes by name."""


def open_task(task: str | Path | LabelTask) -> LabelTask:
    """A task by its name or its YAML file; a task is returned as it is.

    Raises:
        InputError: there is no such name or file, or the file is not a task's.

    """
    if isinstance(task, LabelTask):
        return task
    if str(task) in TASKS:
        return TASKS[str(task)]
    path = Path(task)
    if path.suffix.lower() not in {".yaml", ".yml"}:
        raise InputError(f"{task}: no such task; name one of {', '.join(TASKS)}, or a YAML file")
    return read_task(path)


def read_task(path: Path) -> LabelTask:
    """Read a task from its YAML file.

    Raises:
        InputError: the file is missing, is not YAML, or not a task.

    """
    text = read_text(path)
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = "" if mark is None else f", line {mark.line + 1}"
        raise InputError(f"{path}{where}: not YAML; correct it") from None
    try:
        return task_of(content)
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(f"{path}: {error}; correct it") from None


def task_of(content: object) -> LabelTask:
    """A task from the content of its file.

    Raises:
        ValueError, TypeError: the content is not that of a task.

    """
    if not isinstance(content, dict):
        raise TypeError("it holds no members such as mode and points")
    known = {"mode", "points", "classes", "skeleton", "targets", "box", "keep", "guidance", "keys"}
    if unknown := [str(name) for name in content if name not in known]:
        raise ValueError(f"{unknown[0]!r} is no member of a task; there are {', '.join(known)}")
    modes = ", ".join(LabelMode)
    if content.get("mode") not in list(LabelMode):
        raise ValueError(f"the mode is {content.get('mode')!r}; it must be one of {modes}")
    return LabelTask(
        LabelMode(content["mode"]),
        schema_of_json(content),
        _names(content, "keep"),
        _member(content, "guidance", str, "text"),
        bindings(content.get("keys", {})),
    )


def schema_of_json(content: Mapping[str, Any]) -> LabelSchema:
    """The schema that :func:`schema_as_json` wrote.

    Raises:
        ValueError, TypeError: the content is not that of a schema.

    """
    pairs = content.get("skeleton", [])
    targets = content.get("targets", {})
    if not isinstance(pairs, list) or not all(
        isinstance(pair, list) and len(pair) == len(("from", "to")) for pair in pairs
    ):
        raise TypeError("skeleton must be a list of pairs of points")
    if not isinstance(targets, dict):
        raise TypeError("targets must give a number for each class")
    return LabelSchema(
        _names(content, "points"),
        _names(content, "classes"),
        tuple((str(a), str(b)) for a, b in pairs),
        {str(name): _count(name, count) for name, count in targets.items()},
        _member(content, "box", bool, "true or false"),
    )


def schema_as_json(schema: LabelSchema) -> dict[str, Any]:
    """A schema as JSON, for the store and for the page."""
    return {
        "points": list(schema.points),
        "classes": list(schema.classes),
        "skeleton": [list(pair) for pair in schema.skeleton],
        "targets": dict(schema.targets),
        "box": schema.box,
    }


def with_names(task: LabelTask, classes: tuple[str, ...]) -> LabelTask:
    """The task with more classes behind its own, such as the names of members."""
    new = tuple(name for name in classes if name not in task.schema.classes)
    return replace(task, schema=replace(task.schema, classes=(*task.schema.classes, *new)))


def _names(content: Mapping[str, Any], key: str) -> tuple[str, ...]:
    names = content.get(key, [])
    if not isinstance(names, list) or not all(isinstance(name, str | int) for name in names):
        raise TypeError(f"{key} must be a list of names")
    word = next((name for name in names if isinstance(name, bool)), None)
    if word is not None:
        raise TypeError(f"{key} has {word}, not a name; write it in quotes")
    return tuple(map(str, names))


def _member(content: Mapping[str, Any], key: str, kind: Callable[[], T], what: str) -> T:
    """A member of the file; its usual value if it is left out."""
    value = content.get(key, kind())
    if not isinstance(value, type(kind())):
        raise TypeError(f"{key} must be {what}")
    return value


def _count(name: object, count: object) -> int:
    if not isinstance(count, int) or isinstance(count, bool):
        raise TypeError(f"the target of {str(name)!r} is {count!r}; it must be 0 or more")
    return count
