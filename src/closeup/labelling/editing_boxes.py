"""Drawing, moving and resizing boxes, without a user interface."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto

from closeup.geometry import Size
from closeup.labels import Box, Point

LEAST = 2.0
"""Shortest side of a box in pixels of the picture; shorter ones are slips of the hand."""

_EXTREMES = 4
"""Leftmost, topmost, rightmost and lowest point of an object."""


class _Grip(Enum):
    """What the pointer holds of a box."""

    NEW = auto()
    WHOLE = auto()
    EDGES = auto()


class BoxEditing:
    """The boxes of one picture, and which of them the next gesture changes.

    A press on an edge or corner of the selected box resizes it; one inside of a box selects and
    moves it; one elsewhere begins a new box.

    Args:
        boxes: Key → box.
        size: Size of the picture; boxes are kept within its edges.

    """

    def __init__(self, boxes: Mapping[str, Box], size: Size) -> None:
        self.boxes = dict(boxes)
        self.selected: str | None = next(iter(boxes), None)
        self.extremes: list[Point] = []
        self._size = size
        self._grip: _Grip | None = None
        self._edges: tuple[int, ...] = ()
        self._from: Point = (0.0, 0.0)
        self._before: Box | None = None

    @property
    def is_held(self) -> bool:
        """Whether a box follows the pointer."""
        return self._grip is not None

    def choose_next(self) -> None:
        """Select the box behind the selected one, the first one at the end."""
        keys = list(self.boxes)
        if keys:
            number = -1 if self.selected not in keys else keys.index(self.selected)
            self.selected = keys[(number + 1) % len(keys)]

    def press(self, at: Point, reach: float, new_key: str, *, draw: bool = False) -> None:
        """Take hold of a box, or begin one.

        Args:
            at: The pointer, in pixels of the picture.
            reach: Distance in pixels of the picture within which an edge is taken hold of.
            new_key: Key of the box that may begin here.
            draw: Whether to begin a box wherever the pointer is, as within a larger one.

        """
        at = self._kept(at)
        self._from = at
        self._edges = () if draw or self.selected is None else self._edges_at(at, reach)
        below = None if draw else self._box_at(at)
        if self._edges:
            self._grip = _Grip.EDGES
        elif below is not None:
            self._grip, self.selected = _Grip.WHOLE, below
        else:
            self._grip, self.selected = _Grip.NEW, new_key
        self._before = self.boxes.get(self.selected or new_key)

    def drag(self, at: Point) -> None:
        """Draw, move or resize what is held; edges that are pulled past each other change sides."""
        if self._grip is None or self.selected is None:
            return
        at = self._kept(at)
        if self._grip is _Grip.NEW:
            self.boxes[self.selected] = spanned(self._from, at)
        elif self._before is not None and self._grip is _Grip.WHOLE:
            self.boxes[self.selected] = self._moved(
                self._before, at[0] - self._from[0], at[1] - self._from[1]
            )
        elif self._before is not None:
            edges = list(self._before)
            for edge in self._edges:
                edges[edge] = at[edge % 2]
            self.boxes[self.selected] = spanned((edges[0], edges[1]), (edges[2], edges[3]))

    def release(self) -> str | None:
        """Let go; return the key of a box that changed.

        A box with a side below :data:`LEAST` is what it was before, or is not made.
        """
        key, before = self.selected, self._before
        self._grip = self._before = None
        if key is None or key not in self.boxes:
            self.selected = None
            return None
        x1, y1, x2, y2 = self.boxes[key]
        if min(x2 - x1, y2 - y1) < LEAST:
            if before is None:
                del self.boxes[key]
                self.selected = None
            else:
                self.boxes[key] = before
        return key if self.boxes.get(key) != before else None

    def add_extreme(self, at: Point, new_key: str) -> str | None:
        """Add one of four extreme points; the fourth makes a box, whose key is returned.

        The four may come in any order ("Extreme clicking for efficient object annotation",
        Papadopoulos et al., ICCV 2017).
        """
        self.extremes.append(self._kept(at))
        if len(self.extremes) < _EXTREMES:
            return None
        across, down = zip(*self.extremes, strict=True)
        self.extremes = []
        box = spanned((min(across), min(down)), (max(across), max(down)))
        if min(box[2] - box[0], box[3] - box[1]) < LEAST:
            return None
        self.boxes[new_key] = box
        self.selected = new_key
        return new_key

    def nudge(self, right: float, down: float) -> str | None:
        """Move the selected box by pixels of the picture; return its key, None without one."""
        if self.selected not in self.boxes:
            return None
        self.boxes[self.selected] = self._moved(self.boxes[self.selected], right, down)
        return self.selected

    def remove(self) -> str | None:
        """Remove the selected box; return its key, None without one."""
        key = self.selected
        if key is None or self.boxes.pop(key, None) is None:
            return None
        self.selected = next(iter(self.boxes), None)
        return key

    def _edges_at(self, at: Point, reach: float) -> tuple[int, ...]:
        """Numbers of the selected box's edges near a point: 0 left, 1 top, 2 right, 3 bottom."""
        box = self.boxes.get(self.selected or "")
        if box is None or not _inside(box, at, reach):
            return ()
        edges: list[int] = []
        for axis in (0, 1):
            first, last = (abs(box[axis + side] - at[axis]) for side in (0, 2))
            if min(first, last) <= min(reach, max((box[axis + 2] - box[axis]) / 3, LEAST)):
                edges.append(axis if first <= last else axis + 2)
        return tuple(edges)

    def _box_at(self, at: Point) -> str | None:
        """The smallest box around a point; the selected one first."""
        around = [key for key, box in self.boxes.items() if _inside(box, at, 0)]
        if self.selected in around:
            return self.selected
        return min(around, key=lambda key: _area(self.boxes[key]), default=None)

    def _kept(self, at: Point) -> Point:
        x, y = (min(max(at[i], -0.5), self._size[i] - 0.5) for i in (0, 1))
        return x, y

    def _moved(self, box: Box, right: float, down: float) -> Box:
        """The box moved as far as it stays in the picture; one that sticks out may stay so."""
        x1, y1, x2, y2 = box
        right = _limited(right, -0.5 - x1, self._size.width - 0.5 - x2)
        down = _limited(down, -0.5 - y1, self._size.height - 0.5 - y2)
        return x1 + right, y1 + down, x2 + right, y2 + down


def spanned(a: Point, b: Point) -> Box:
    """The box between two opposite corners."""
    return min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1])


def _limited(step: float, least: float, most: float) -> float:
    return min(max(step, min(least, 0.0)), max(most, 0.0))


def _inside(box: Box, at: Point, margin: float) -> bool:
    return all(box[i] - margin <= at[i] <= box[i + 2] + margin for i in (0, 1))


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
