"""Checks of the places of labels: out of the picture, on its border, or exchanged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import exp, hypot

from closeup.annotations import Annotation, KeyPoint
from closeup.geometry import Size
from closeup.labelling.label_distances import CORNERS, unit_of
from closeup.labelling.suspicions import Suspicion, checked_labels
from closeup.labels import EYES
from closeup.store.label_queue import Unit
from closeup.store.label_records import StoredItem

_BORDER = 1.5
"""Pixels from the border within which a point is on it."""
_PAIRS = (EYES, CORNERS, ("mouth_right", "mouth_left"))
"""Names of points on the subject's right and left."""
_BELOW = ("nose", "mouth_right", "mouth_left")
"""Points that lie below the eyes."""
_LEAST_BOX = 4.0
"""Pixels; a box with a smaller side was hardly meant."""


class OutsideCheck:
    """Finds points and boxes that reach out of the picture, and tiny boxes."""

    def look(self, item: StoredItem) -> Iterator[Suspicion]:
        """See :meth:`closeup.labelling.suspicions.LabelCheck.look`."""
        for label in checked_labels(item):
            if item.size is not None:
                yield from self._outside(Unit(item.id, label.object), label.annotation, item.size)
            box = label.annotation.box
            if box is not None and min(box[2] - box[0], box[3] - box[1]) < _LEAST_BOX:
                said = f"the box is {box[2] - box[0]:.1f} by {box[3] - box[1]:.1f} pixels"
                yield Suspicion(Unit(item.id, label.object), "tiny", 0.8, said)

    def finish(self) -> Iterable[Suspicion]:
        """See :meth:`closeup.labelling.suspicions.LabelCheck.finish`."""
        return ()

    def _outside(self, unit: Unit, label: Annotation, size: Size) -> Iterator[Suspicion]:
        beyond = {name: _beyond((point.x, point.y), size) for name, point in label.points.items()}
        if label.box is not None:
            corners = label.box[:2], label.box[2:]
            beyond["the box"] = max(_beyond((x, y), size) for x, y in corners)
        for name, distance in beyond.items():
            if distance > 0.5:
                weight = 1 - 0.5 * exp(-distance / (0.05 * max(size)))
                said = f"{name} is {distance:.1f} pixels out of the picture"
                yield Suspicion(unit, "outside", weight, said)


class BorderCheck:
    """Finds points on the border or in a corner of the picture, where faults put them."""

    def look(self, item: StoredItem) -> Iterator[Suspicion]:
        """See :meth:`closeup.labelling.suspicions.LabelCheck.look`."""
        if item.size is None:
            return
        for label in checked_labels(item):
            for name, point in label.annotation.points.items():
                sides = sum(_at_border(point, item.size))
                if sides and not _beyond((point.x, point.y), item.size):
                    where = "in a corner" if sides > 1 else "on the border"
                    weight = 0.95 if sides > 1 else 0.6
                    said = f"{name} is {where} of the picture"
                    yield Suspicion(Unit(item.id, label.object), "border", weight, said)

    def finish(self) -> Iterable[Suspicion]:
        """See :meth:`closeup.labelling.suspicions.LabelCheck.finish`."""
        return ()


class ExchangedCheck:
    """Finds right and left exchanged, and points that fall on one another."""

    def look(self, item: StoredItem) -> Iterator[Suspicion]:
        """See :meth:`closeup.labelling.suspicions.LabelCheck.look`."""
        for label in checked_labels(item):
            points, unit = label.annotation.points, Unit(item.id, label.object)
            for right, left in _PAIRS:
                if right in points and left in points and _exchanged(points, right, left):
                    said = f"{right} and {left} seem to be exchanged"
                    yield Suspicion(unit, "exchanged", 0.9, said)
            yield from _coinciding(unit, item, label.annotation)

    def finish(self) -> Iterable[Suspicion]:
        """See :meth:`closeup.labelling.suspicions.LabelCheck.finish`."""
        return ()


def _beyond(place: tuple[float, float], size: Size) -> float:
    """Pixels by which a place is out of a picture; 0 within."""
    x, y = place
    across = max(-0.5 - x, x - (size.width - 0.5), 0.0)
    down = max(-0.5 - y, y - (size.height - 0.5), 0.0)
    return hypot(across, down)


def _at_border(point: KeyPoint, size: Size) -> tuple[bool, bool]:
    """Whether a point is at the left or right border, and at the upper or lower one."""
    x, y = point.x + 0.5, point.y + 0.5
    return min(x, size.width - x) <= _BORDER, min(y, size.height - y) <= _BORDER


def _exchanged(points: Mapping[str, KeyPoint], right: str, left: str) -> bool:
    """Whether two points are the wrong way round, judged by what lies below the eyes.

    Without such a point the head is taken for upright.
    """
    a, b = points[right], points[left]
    across, down = b.x - a.x, b.y - a.y
    below = [points[name] for name in _BELOW if name in points and name not in (right, left)]
    if not below or (right, left) != EYES:
        return across < -abs(down)
    x = sum(point.x for point in below) / len(below) - (a.x + b.x) / 2
    y = sum(point.y for point in below) / len(below) - (a.y + b.y) / 2
    return across * y - down * x < 0


def _coinciding(unit: Unit, item: StoredItem, label: Annotation) -> Iterator[Suspicion]:
    names, near = list(label.points), 0.02 * unit_of(item, label)
    for number, name in enumerate(names):
        for other in names[number + 1 :]:
            a, b = label.points[name], label.points[other]
            if hypot(a.x - b.x, a.y - b.y) < near:
                said = f"{name} and {other} are at one place"
                yield Suspicion(unit, "coinciding", 0.9, said)
