"""Setting, dragging and nudging the named points of one object, without a user interface."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import dist

from closeup.annotations import KeyPoint
from closeup.geometry import Size
from closeup.labels import Point

COARSE, FINE = 1.0, 0.25
"""Steps of the arrow keys, in pixels of the picture."""


class PointEditing:
    """The points of one object, and which of them the next gesture changes.

    A press near a point takes hold of it. A press elsewhere sets the chosen point, else the next
    one in the schema's order that is not set, else it moves the nearest one there, so that a
    proposed point is corrected with one click.

    Args:
        names: Names of the points, in the order in which they are set; at least one.
        points: The points so far, by name; names that the schema does not have stay as they are.
        size: Size of the picture; points are kept within its pixels.

    """

    def __init__(self, names: Sequence[str], points: Mapping[str, KeyPoint], size: Size) -> None:
        self.names = tuple(names)
        self.points = dict(points)
        self.last: str | None = next((name for name in self.names if name in points), None)
        self._size = size
        self._chosen: str | None = None
        self._held: str | None = None
        self._offset: Point = (0.0, 0.0)

    @property
    def current(self) -> str:
        """Name of the point that a press away from all points would set or that keys change."""
        return self._chosen or self.unset or self.last or self.names[0]

    @property
    def unset(self) -> str | None:
        """The first point that is not set; None if all are."""
        return next((name for name in self.names if name not in self.points), None)

    @property
    def selected(self) -> str | None:
        """The point that keys move, hide or remove; None if there is none."""
        name = self._chosen or self.last
        return name if name in self.points else None

    @property
    def is_held(self) -> bool:
        """Whether a point follows the pointer."""
        return self._held is not None

    def choose(self, name: str) -> None:
        """Make a point the one that the next press sets."""
        self._chosen = name
        if name in self.points:
            self.last = name

    def choose_next(self) -> bool:
        """Choose the point behind the current one; False, choosing the first, at the end."""
        number = self.names.index(self.current) + 1
        self.choose(self.names[number % len(self.names)])
        return number < len(self.names)

    def press(self, at: Point, reach: float) -> None:
        """Take hold of the point near the pointer, or set one there.

        Args:
            at: The pointer, in pixels of the picture.
            reach: Distance in pixels of the picture within which a point is taken hold of.

        """
        near = self._nearest(at)
        if near is not None and dist(at, self._place(near)) <= reach:
            self._held, place = near, self._place(near)
            self._offset = (place[0] - at[0], place[1] - at[1])
        else:
            self._held = self._chosen or self.unset or near
            self._offset = (0.0, 0.0)
            self.drag(at)
        self.last = self._held
        self._chosen = None

    def drag(self, at: Point) -> None:
        """Move the held point with the pointer."""
        if self._held is not None:
            self._move(self._held, (at[0] + self._offset[0], at[1] + self._offset[1]))

    def release(self) -> None:
        """Let the held point go."""
        self._held = None

    def nudge(self, right: float, down: float) -> bool:
        """Move the selected point by pixels of the picture; False if there is none."""
        if self.selected is None:
            return False
        self.last = self.selected
        x, y = self._place(self.last)
        self._move(self.last, (x + right, y + down))
        return True

    def toggle_hidden(self) -> bool:
        """Mark the selected point as hidden, or as visible again; False if there is none."""
        if self.selected is None:
            return False
        point = self.points[self.selected]
        self.points[self.selected] = replace(point, visible=not point.visible)
        return True

    def remove(self) -> bool:
        """Remove the selected point, which the next press then sets; False if there is none."""
        if self.selected is None:
            return False
        name = self.selected
        del self.points[name]
        self._chosen = name
        return True

    def _nearest(self, at: Point) -> str | None:
        own = [name for name in self.names if name in self.points]
        return min(own, key=lambda name: dist(at, self._place(name)), default=None)

    def _place(self, name: str) -> Point:
        return self.points[name].x, self.points[name].y

    def _move(self, name: str, to: Point) -> None:
        x, y = (min(max(to[i], -0.5), self._size[i] - 0.5) for i in (0, 1))
        visible = name not in self.points or self.points[name].visible
        self.points[name] = KeyPoint(x, y, visible)
