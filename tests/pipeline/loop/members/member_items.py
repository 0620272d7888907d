"""Frames of a stage with labels, as the store gives them."""

from __future__ import annotations

from closeup.annotations import Annotation, LabelVerdict, Origin
from closeup.geometry import Size
from closeup.labels import Box
from closeup.store.label_records import StoredItem, StoredLabel

SIZE = Size(320, 180)
LEFT: Box = (40.0, 50.0, 80.0, 100.0)
RIGHT: Box = (200.0, 50.0, 240.0, 100.0)
MIDDLE: Box = (120.0, 50.0, 160.0, 100.0)


def proposed(
    name: str,
    box: Box,
    score: float = 0.9,
    verdict: LabelVerdict | None = None,
    *,
    by_model: bool = False,
) -> StoredLabel:
    """A label by faces, or by a trained detector."""
    key = f"member-round-2-{name}" if by_model else f"faces-{name}-{box[0]:.0f}"
    annotation = Annotation(
        name=name, box=box, key=key, origin=Origin.MODEL, score=score, verdict=verdict,
        method="it", version="round-2" if by_model else "round-1",
    )  # fmt: skip
    return StoredLabel(key, 1, annotation, "", 0.0)


def by_hand(name: str, box: Box) -> StoredLabel:
    annotation = Annotation(name=name, box=box, key=f"hand-{name}", origin=Origin.PERSON)
    return StoredLabel(annotation.key, 1, annotation, "me", 0.0)


def frame(number: int, *labels: StoredLabel, verdict: LabelVerdict | None = None) -> StoredItem:
    """Frame ``number`` as a picture of a folder; its place is the number."""
    return StoredItem(number + 1, f"{number:06d}.jpg", None, SIZE, number, labels, verdict)


def complete(number: int, *labels: StoredLabel) -> StoredItem:
    return frame(number, *labels, verdict=LabelVerdict.TRUE)
