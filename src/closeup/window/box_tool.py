"""The hands' work in box mode."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from closeup.annotations import Annotation
from closeup.drawing.colours import Colour, distinct_colour
from closeup.geometry import Size
from closeup.labelling.editing_boxes import BoxEditing
from closeup.labelling.key_bindings import KeyAction
from closeup.labelling.session import LabelSession, LabelView
from closeup.labels import Point
from closeup.store.label_records import StoredLabel
from closeup.window.label_canvas import ShownLabel
from closeup.window.label_saving import LabelSaving


class BoxTool:
    """Draws, corrects and names boxes.

    Args:
        session: Writes the labels.
        saving: Remembers whether they are saved.

    """

    def __init__(self, session: LabelSession, saving: LabelSaving) -> None:
        self._session = session
        self._saving = saving
        self._classes = session.task.schema.classes
        self._view: LabelView | None = None
        self._editing = BoxEditing({}, Size(1, 1))
        self._extreme = False
        self._finished: str | None = None
        self.name = self._classes[0] if self._classes else ""

    @property
    def extremes(self) -> list[Point]:
        """The extreme points that were clicked so far."""
        return self._editing.extremes

    def begin(self, view: LabelView, size: Size) -> None:
        """See :meth:`LabelTool.begin`."""
        self._view = view
        self._editing = BoxEditing(self._boxes(), size)

    def refresh(self, view: LabelView) -> None:
        """See :meth:`LabelTool.refresh`."""
        self._view = view
        self._editing.boxes = self._boxes()

    def act(self, action: KeyAction) -> bool:
        """See :meth:`LabelTool.act`."""
        if action is KeyAction.POINT:
            self._editing.choose_next()
        elif action is KeyAction.EXTREME:
            self._extreme = not self._extreme
            self._editing.extremes = []
        elif action is KeyAction.REMOVE:
            key = self._editing.remove()
            return key is not None and self._save(key)
        elif action is KeyAction.INTERPOLATE:
            return self._interpolate()
        return False

    def give_name(self, number: int) -> bool:
        """See :meth:`LabelTool.give_name`."""
        if number >= len(self._classes):
            return False
        self.name = self._classes[number]
        key = self._editing.selected
        return key in self._editing.boxes and key is not None and self._save(key, self.name)

    def nudge(self, right: float, down: float) -> bool | None:
        """See :meth:`LabelTool.nudge`."""
        key = self._editing.nudge(right, down)
        return None if key is None else self._save(key)

    def press(self, at: Point, reach: float, *, shift: bool) -> None:
        """See :meth:`LabelTool.press`."""
        if not self._extreme:
            self._editing.press(at, reach, uuid4().hex[:12], draw=shift)
            return
        self._finished = self._editing.add_extreme(at, uuid4().hex[:12])

    def drag(self, at: Point) -> None:
        """See :meth:`LabelTool.drag`."""
        self._editing.drag(at)

    def release(self) -> bool:
        """See :meth:`LabelTool.release`."""
        if self._extreme:
            key, self._finished = self._finished, None
        else:
            key = self._editing.release()
        return key is not None and self._save(key)

    def labels(self) -> list[ShownLabel]:
        """See :meth:`LabelTool.labels`."""
        shown = []
        for key, box in self._editing.boxes.items():
            if box[0] >= box[2] or box[1] >= box[3]:
                continue  # a gesture that has just begun
            annotation = replace(self._annotation(key), box=box)
            chosen = key == self._editing.selected
            colour, text = self.colour(annotation.name), annotation.name or "?"
            shown.append(ShownLabel(annotation, colour, text, handles=chosen))
        return shown

    def chosen(self) -> str | None:
        """See :meth:`LabelTool.chosen`."""
        return self._editing.selected

    def focus(self) -> Point | None:
        """See :meth:`LabelTool.focus`."""
        return None

    def state(self) -> str:
        """See :meth:`LabelTool.state`."""
        count = f"{len(self._editing.boxes)} boxes"
        if self._extreme:
            left = 4 - len(self._editing.extremes)
            return f"click {left} more extreme points of {self.name or 'a box'}; {count}"
        return f"drag draws {self.name or 'a box'}; {count}"

    def colour(self, name: str) -> Colour:
        """The colour of a class, the same in all pictures."""
        known = name in self._classes
        return distinct_colour(self._classes.index(name) if known else len(self._classes) + 2)

    def _boxes(self) -> dict[str, tuple[float, float, float, float]]:
        return {
            label.object: label.annotation.box
            for label in self._labels()
            if label.annotation.box is not None and not label.annotation.absent
        }

    def _labels(self) -> tuple[StoredLabel, ...]:
        return () if self._view is None else self._view.item.labels

    def _annotation(self, key: str) -> Annotation:
        found = (label.annotation for label in self._labels() if label.object == key)
        return next(found, Annotation(name=self.name))

    def _save(self, key: str, name: str | None = None) -> bool:
        if self._view is None:
            return False
        item, action, box = self._view.item, uuid4().hex, self._editing.boxes.get(key)
        annotation: Annotation | None = None
        if box is not None:
            old = self._annotation(key)
            annotation = replace(old, box=box, name=name or old.name, keyframe=True)
        return self._saving.run(
            (item.id, key), lambda: [self._session.place(item, key, annotation, action)]
        )

    def _interpolate(self) -> bool:
        """Fill the selected box in between its key frames in all frames of the video."""
        key = self._editing.selected
        if self._view is None or key is None or self._view.item.frame is None:
            return False
        store, action = self._session.store, uuid4().hex
        path, layer = self._view.item.path, self._session.layer
        return self._saving.run(
            ("interpolate", key),
            lambda: self._session.interpolated(
                store.items(store.frames(path), layer=layer), key, action
            ),
        )
