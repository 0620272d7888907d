"""Items with labels, as a store returns them."""

from __future__ import annotations

from dataclasses import replace

from closeup.annotations import Annotation, KeyPoint, LabelVerdict, Origin
from closeup.geometry import Size
from closeup.labels import Box
from closeup.store.label_records import StoredItem, StoredLabel

SIZE = Size(200, 100)


def item(
    number: int, *labels: Annotation, size: Size | None = SIZE, verdict: LabelVerdict | None = None
) -> StoredItem:
    """A picture whose labels have the keys ``0``, ``1`` … or their own."""
    stored = tuple(
        StoredLabel(one.key or str(place), 10 * number + place, one, "", 0.0)
        for place, one in enumerate(labels)
    )
    return StoredItem(number, f"{number}.png", None, size, number, stored, verdict)


def points(**places: tuple[float, float]) -> Annotation:
    """A label by hand."""
    named = {name: KeyPoint(x, y) for name, (x, y) in places.items()}
    return Annotation(points=named, origin=Origin.PERSON)


def boxed(box: Box, name: str = "") -> Annotation:
    """A box by hand."""
    return Annotation(name, box, origin=Origin.PERSON)


def by_model(label: Annotation, score: float | None = 0.9) -> Annotation:
    return replace(label, origin=Origin.MODEL, method="net", score=score)
