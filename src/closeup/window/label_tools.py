"""What the hands do with a picture, and what a review shows of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from closeup.annotations import Annotation
from closeup.drawing.marks import PLAIN
from closeup.drawing.masks import RGBAImage, coloured
from closeup.errors import ImageError
from closeup.geometry import Size
from closeup.labelling.key_bindings import KeyAction
from closeup.labelling.label_task import LabelTask
from closeup.labelling.session import LabelSession, LabelView
from closeup.labelling.shown_masks import read_mask
from closeup.labels import Point
from closeup.store.label_tables import WHOLE
from closeup.window.label_canvas import ShownLabel

_LATEST = 15


class LabelTool(Protocol):
    """Gestures on one picture.

    Methods that return a bool say whether they wrote something, so that the labels must be read
    again. Places are in pixels of the picture.
    """

    def begin(self, view: LabelView, size: Size) -> None:
        """Take up a picture of this size."""
        ...

    def refresh(self, view: LabelView) -> None:
        """Take up the present labels of the same picture; what is selected stays selected."""
        ...

    def act(self, action: KeyAction) -> bool:
        """Do what a key asks for; keys that mean nothing here are ignored."""
        ...

    def give_name(self, number: int) -> bool:
        """Name the selected object after a class, by its number from 0."""
        ...

    def nudge(self, right: float, down: float) -> bool | None:
        """Move the selected object; None if nothing is selected."""
        ...

    def press(self, at: Point, reach: float, *, shift: bool) -> None:
        """Begin a gesture; what is within ``reach`` of the pointer is taken hold of."""
        ...

    def drag(self, at: Point) -> None:
        """Go on with the gesture."""
        ...

    def release(self) -> bool:
        """End the gesture."""
        ...

    def labels(self) -> list[ShownLabel]:
        """What is to be drawn."""
        ...

    def chosen(self) -> str | None:
        """Key of the object that the person works on; None without one."""
        ...

    def focus(self) -> Point | None:
        """The point that the magnifier shows after a key moved it; None for the pointer's place."""
        ...

    def state(self) -> str:
        """What the next gesture does, in a few words."""
        ...


def judged_labels(view: LabelView, task: LabelTask) -> list[ShownLabel]:
    """The labels of a picture, with the one that is judged in a strong colour."""
    shown = []
    for label in view.item.labels:
        strong = view.unit.object in (WHOLE, label.object)
        text = said_of(label.annotation) if strong else label.annotation.name
        shown.append(ShownLabel(label.annotation, PLAIN, text, strong=strong, schema=task.schema))
    return shown


def said_of(annotation: Annotation) -> str:
    """Class, origin and confidence of a label in a few words."""
    score = "" if annotation.score is None else f"{annotation.score:.2f}"
    by = " ".join(part for part in (annotation.method, annotation.version) if part)
    parts = (annotation.name, by or str(annotation.origin), score)
    return ", ".join(part for part in parts if part)


def shown_mask(folder: Path, name: str, size: Size) -> RGBAImage:
    """A mask in colours.

    Raises:
        ImageError: it cannot be read, has another size than its picture, or marks nothing.

    """
    mask = read_mask(folder, name, size)
    if not mask.any():
        reason = f"the mask {folder / name} is empty: all of it is 0; make it again, or skip it"
        raise ImageError(reason, "empty")
    return coloured(mask)


def latest_labels(session: LabelSession) -> list[str]:
    """How far the labelling is, and what this person labelled last, one thing a line."""
    records = session.store.latest(session.author, _LATEST)
    paths = {
        item.id: item.path for item in session.store.items(list({one.item for one in records}))
    }
    lines = []
    for one in records:
        said = "taken back" if one.content is None else ", ".join(_brief(one.content))
        lines.append(f"{paths.get(one.item, '?')}   {one.subject}: {said}")
    counts = session.counts()
    return [f"{counts.decided} of {counts.all} decided", "", *(lines or ["none yet"])]


def _brief(content: Mapping[str, Any]) -> list[str]:
    """The content of a revision in a few words."""
    if "verdict" in content:
        return [str(content["verdict"])]
    points = [f"{name} {x:.2f} {y:.2f}" for name, (x, y, _) in content.get("points", {}).items()]
    box = [" ".join(f"{edge:.1f}" for edge in content["box"])] if content.get("box") else []
    return [part for part in (str(content.get("name", "")), *points[:3], *box) if part]
