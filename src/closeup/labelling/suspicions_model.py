"""Checks of labels against what a model says, and of boxes against the other boxes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from closeup.annotations import Annotation, LabelVerdict, Origin
from closeup.labelling.label_distances import overlap, point_distance, unit_of
from closeup.labelling.suspicions import Suspicion, checked_labels
from closeup.store.label_queue import Unit
from closeup.store.label_records import StoredItem, StoredLabel
from closeup.store.label_tables import WHOLE

_NEAR = 0.05
"""Units up to which a point agrees with the model's, the field's measure of a pupil."""
_SOFT = 0.1
"""Units at which a distance is suspicious by 63 %."""
_AGREEING = 0.5
"""Intersection over union from which two boxes agree."""
_APART = 0.1
"""Intersection over union below which two boxes are of different objects."""
_SURE = 0.8
"""Score from which a model's object should have a label."""
_LEAST_BOXES = 30
"""Boxes of a class that tell what is usual."""
_UNUSUAL = 6.0
"""Robust standard deviations from which a shape is unusual."""
_SCALED = 1.4826
"""Standard deviation of a normal distribution over its median absolute deviation."""

Earlier = Callable[[StoredItem], Iterable[Annotation]]


class MistakennessCheck:
    """Finds labels by hand that are far from what a model says, weighted by the model's score.

    The weight is ``score · (1 − exp(−distance / 0.1))``, the distance in eye distances for points,
    and 1 − IoU for boxes. In a picture that a person called complete, an object of which a model
    is sure and that has no label is suspicious, too.

    Args:
        by_models: Gives the labels that models made for a picture, also those that were changed by
            hand since.

    """

    def __init__(self, by_models: Earlier) -> None:
        self._by_models = by_models

    def look(self, item: StoredItem) -> Iterator[Suspicion]:
        """See :meth:`closeup.labelling.suspicions.LabelCheck.look`."""
        own = [label for label in checked_labels(item) if _is_by_hand(label)]
        if not own and item.verdict is not LabelVerdict.TRUE:
            return
        said = list(self._by_models(item))
        for label in own:
            yield from self._compared(item, label, said)
        if item.verdict is LabelVerdict.TRUE:
            yield from self._forgotten(item, said)

    def finish(self) -> Iterable[Suspicion]:
        """See :meth:`closeup.labelling.suspicions.LabelCheck.finish`."""
        return ()

    def _compared(
        self, item: StoredItem, label: StoredLabel, said: list[Annotation]
    ) -> Iterator[Suspicion]:
        """The suspicion by the nearest label of a model; none if no model labels such objects."""
        unit = Unit(item.id, label.object)
        nearest = min(
            ((distance, one) for one in said if (distance := _apart(item, label, one)) is not None),
            key=lambda pair: pair[0],
            default=None,
        )
        if nearest is None:
            return
        distance, one = nearest
        score = 1.0 if one.score is None else min(max(one.score, 0.0), 1.0)
        if distance > (_NEAR if label.annotation.points else 1 - _AGREEING):
            weight = score * (1 - exp(-distance / _SOFT))
            told = f"{distance:.2f} of its size from what {one.method or 'the model'} says"
            yield Suspicion(unit, "far from the model", max(weight, 0.01), told)

    def _forgotten(self, item: StoredItem, said: list[Annotation]) -> Iterator[Suspicion]:
        boxes = [label.annotation.box for label in item.labels if label.annotation.box]
        for one in said:
            if one.box is None or one.score is None or one.score < _SURE:
                continue
            if all(overlap(box, one.box) < _APART for box in boxes):
                told = f"{one.method or 'the model'} is sure of an object that has no label"
                yield Suspicion(Unit(item.id, WHOLE), "forgotten", min(one.score, 0.99), told)


class BoxShapeCheck:
    """Finds boxes whose shape or size is unlike that of the other boxes of their class.

    Height over width, and the area as a share of the picture's, are compared as logarithms with
    their median; the scale is the median absolute deviation.
    """

    def __init__(self) -> None:
        self._units: dict[str, list[Unit]] = {}
        self._shapes: dict[str, list[tuple[float, float]]] = {}

    def look(self, item: StoredItem) -> Iterable[Suspicion]:
        """See :meth:`closeup.labelling.suspicions.LabelCheck.look`."""
        picture = 1.0 if item.size is None else float(item.size.width * item.size.height)
        for label in checked_labels(item):
            box = label.annotation.box
            if box is not None:
                width, height = box[2] - box[0], box[3] - box[1]
                name = label.annotation.name
                self._units.setdefault(name, []).append(Unit(item.id, label.object))
                shape = log(height / width), log(width * height / picture)
                self._shapes.setdefault(name, []).append(shape)
        return ()

    def finish(self) -> Iterator[Suspicion]:
        """See :meth:`closeup.labelling.suspicions.LabelCheck.finish`."""
        for name, own in self._shapes.items():
            if len(own) < _LEAST_BOXES:
                continue
            shapes = np.array(own)
            away = shapes - np.median(shapes, axis=0)
            scale = np.maximum(_SCALED * np.median(np.abs(away), axis=0), 0.02)
            odd = np.abs(away) / scale
            for row in np.flatnonzero(odd.max(axis=1) > _UNUSUAL):
                weight = 0.2 + 0.6 * (1 - exp(-(float(odd[row].max()) - _UNUSUAL) / 10))
                reason = _unlike(name, shapes[row], away[row], by_ratio=odd[row, 0] >= odd[row, 1])
                yield Suspicion(self._units[name][int(row)], "shape", weight, reason)


def _unlike(
    name: str, shape: NDArray[np.float64], away: NDArray[np.float64], *, by_ratio: bool
) -> str:
    """How a box differs from the usual one of its class."""
    usual = f"the usual box{f' of {name}' if name else ''}"
    if by_ratio:
        return (
            f"{np.exp(shape[0]):.2f} times as high as wide, {usual} {np.exp((shape - away)[0]):.2f}"
        )
    return f"its area is {np.exp(away[1]):.2g} times that of {usual}"


def _is_by_hand(label: StoredLabel) -> bool:
    return label.annotation.origin in (Origin.PERSON, Origin.IMPORTED)


def _apart(item: StoredItem, label: StoredLabel, other: Annotation) -> float | None:
    """Distance between labels of one kind, in units; None if they cannot be compared."""
    own = label.annotation
    if own.points and other.points:
        distance = point_distance(own, other)
        return None if distance is None else distance / unit_of(item, own)
    if own.box is not None and other.box is not None:
        return 1 - overlap(own.box, other.box)
    return None
