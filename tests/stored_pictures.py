"""Items of the store of labels as the pictures that were imported."""

from __future__ import annotations

from closeup.annotations import AnnotatedPicture
from closeup.store.label_records import StoredItem


def as_picture(item: StoredItem) -> AnnotatedPicture:
    """An item as an annotated picture; the keys of its annotations are those of the store."""
    annotations = tuple(label.annotation for label in item.labels)
    return AnnotatedPicture(item.path, item.frame, item.size, annotations, item.extra)
