"""The hands' work in point mode."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from closeup.annotations import Annotation, KeyPoint, Origin
from closeup.drawing.marks import PLAIN
from closeup.geometry import Size
from closeup.labelling.editing import PointEditing
from closeup.labelling.key_bindings import KeyAction
from closeup.labelling.session import LabelSession, LabelView
from closeup.labels import Point
from closeup.store.label_records import StoredLabel
from closeup.window.label_canvas import ShownLabel
from closeup.window.label_saving import LabelSaving


class PointTool:
    """Sets and corrects the named points of one object after another.

    Args:
        session: Writes the labels.
        saving: Remembers whether they are saved.

    """

    def __init__(self, session: LabelSession, saving: LabelSaving) -> None:
        self._session = session
        self._saving = saving
        self._schema = session.task.schema
        self._view: LabelView | None = None
        self._key = ""
        self._is_new = True
        self._size = Size(1, 1)
        self._annotation = Annotation()
        self._editing = PointEditing(self._schema.points, {}, self._size)
        self._by_key = False

    def begin(self, view: LabelView, size: Size) -> None:
        """See :meth:`LabelTool.begin`."""
        self._view = view
        self._size = size
        labels = self._labels()
        by_hand = [label for label in labels if label.annotation.origin is Origin.PERSON]
        first = next(iter(by_hand or labels), None)
        self._take(uuid4().hex[:12] if first is None else first.object)

    def refresh(self, view: LabelView) -> None:
        """See :meth:`LabelTool.refresh`."""
        self._view = view
        if self._is_new and not self._editing.points:  # labels came by copying, not by hand
            self.begin(view, self._size)
            return
        self._annotation = self._stored()
        self._editing.points = dict(self._annotation.points)

    def act(self, action: KeyAction) -> bool:
        """See :meth:`LabelTool.act`."""
        if action is KeyAction.POINT and not self._editing.choose_next():
            self._take_next()
        elif (action is KeyAction.HIDDEN and self._editing.toggle_hidden()) or (
            action is KeyAction.REMOVE and self._editing.remove()
        ):
            return self._save()
        return False

    def give_name(self, number: int) -> bool:
        """See :meth:`LabelTool.give_name`."""
        if number >= len(self._schema.classes) or not self._annotation.points:
            return False
        self._annotation = replace(self._annotation, name=self._schema.classes[number])
        return self._save()

    def nudge(self, right: float, down: float) -> bool | None:
        """See :meth:`LabelTool.nudge`."""
        if not self._editing.nudge(right, down):
            return None
        self._by_key = True
        return self._save()

    def press(self, at: Point, reach: float, *, shift: bool) -> None:
        """See :meth:`LabelTool.press`."""
        if shift:
            self._take(uuid4().hex[:12])
        self._by_key = False
        self._editing.press(at, reach)

    def drag(self, at: Point) -> None:
        """See :meth:`LabelTool.drag`."""
        self._by_key = False
        self._editing.drag(at)

    def release(self) -> bool:
        """See :meth:`LabelTool.release`."""
        if not self._editing.is_held:
            return False
        self._editing.release()
        return self._editing.points != dict(self._annotation.points) and self._save()

    def labels(self) -> list[ShownLabel]:
        """See :meth:`LabelTool.labels`."""
        shown = [
            ShownLabel(label.annotation, PLAIN, strong=False, schema=self._schema)
            for label in self._labels()
            if label.object != self._key
        ]
        own = replace(self._annotation, points=self._in_order())
        shown.append(ShownLabel(own, PLAIN, point=self._editing.selected, schema=self._schema))
        return shown

    def chosen(self) -> str | None:
        """See :meth:`LabelTool.chosen`."""
        return self._key

    def focus(self) -> Point | None:
        """See :meth:`LabelTool.focus`."""
        name = self._editing.selected
        if name is None or not (self._by_key or self._editing.is_held):
            return None
        return self._editing.points[name].x, self._editing.points[name].y

    def state(self) -> str:
        """See :meth:`LabelTool.state`."""
        done = sum(name in self._editing.points for name in self._schema.points)
        progress = f"{done} of {len(self._schema.points)} points"
        if self._editing.unset is not None:
            return f"click sets {self._editing.current}; {progress}"
        return f"selected: {self._editing.selected}; {progress}"

    def _take(self, key: str) -> None:
        self._key = key
        self._is_new = key not in {label.object for label in self._labels()}
        self._annotation = self._stored()
        self._editing = PointEditing(self._schema.points, self._annotation.points, self._size)
        self._by_key = False

    def _take_next(self) -> None:
        """Go to the next object; behind the last one comes a new one."""
        keys = [label.object for label in self._labels()]
        number = keys.index(self._key) + 1 if self._key in keys else 0
        is_new = number == len(keys) and self._key in keys
        self._take(uuid4().hex[:12] if is_new or not keys else keys[number])

    def _labels(self) -> list[StoredLabel]:
        labels = () if self._view is None else self._view.item.labels
        return [label for label in labels if not label.annotation.absent]

    def _stored(self) -> Annotation:
        found = (label.annotation for label in self._labels() if label.object == self._key)
        return next(found, Annotation())

    def _in_order(self) -> dict[str, KeyPoint]:
        points = self._editing.points
        names = [name for name in self._schema.points if name in points]
        return {name: points[name] for name in dict.fromkeys([*names, *points])}

    def _save(self) -> bool:
        if self._view is None:
            return False
        item, key, action = self._view.item, self._key, uuid4().hex
        made = replace(self._annotation, points=self._in_order(), keyframe=True)
        self._annotation, self._is_new = made, False
        is_empty = not made.points and made.box is None and made.mask is None
        annotation = None if is_empty else made
        return self._saving.run(
            (item.id, key), lambda: [self._session.place(item, key, annotation, action)]
        )
