"""What the hands do with a picture, and what a review shows of it."""

from __future__ import annotations

from typing import Protocol

from closeup.annotations import Annotation
from closeup.drawing.marks import PLAIN
from closeup.geometry import Size
from closeup.labelling.key_bindings import KeyAction
from closeup.labelling.label_task import LabelTask
from closeup.labelling.session import View
from closeup.labels import Point
from closeup.store.label_tables import WHOLE
from closeup.window.label_canvas import ShownLabel


class LabelTool(Protocol):
    """Gestures on one picture.

    Methods that return a bool say whether they wrote something, so that the labels must be read
    again. Places are in pixels of the picture.
    """

    def begin(self, view: View, size: Size) -> None:
        """Take up a picture of this size."""
        ...

    def refresh(self, view: View) -> None:
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

    def focus(self) -> Point | None:
        """The point that the magnifier shows after a key moved it; None for the pointer's place."""
        ...

    def state(self) -> str:
        """What the next gesture does, in a few words."""
        ...


def judged_labels(view: View, task: LabelTask) -> list[ShownLabel]:
    """The labels of a picture, with the one that is judged in a strong colour."""
    shown = []
    for label in view.item.labels:
        strong = view.unit.object in (WHOLE, label.object)
        text = said_of(label.annotation) if strong else label.annotation.name
        shown.append(
            ShownLabel(label.annotation, PLAIN, text, strong=strong, skeleton=task.schema.skeleton)
        )
    return shown


def said_of(annotation: Annotation) -> str:
    """Class, origin and confidence of a label in a few words."""
    score = "" if annotation.score is None else f"{annotation.score:.2f}"
    by = " ".join(part for part in (annotation.method, annotation.version) if part)
    parts = (annotation.name, by or str(annotation.origin), score)
    return ", ".join(part for part in parts if part)
