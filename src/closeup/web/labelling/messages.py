"""What the page and the server send each other, as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from closeup.annotations import Annotation, LabelVerdict, Origin
from closeup.errors import InputError
from closeup.labelling.session import LabelView
from closeup.store.label_records import (
    LabelChange,
    RevisionRecord,
    StoredItem,
    StoredLabel,
    Written,
)
from closeup.store.label_tables import WHOLE, Subject

Number = Annotated[int, Field(ge=0, lt=2**53)]
"""A number of an item or a revision; the page's numbers are exact up to 2^53."""
Action = Annotated[str, Field(min_length=1, max_length=64)]
Key = Annotated[str, Field(max_length=200)]
MOST = 5000
"""Changes that are sent at once."""


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Opening(_Message):
    """A browser's tab opens its session."""

    name: Annotated[str, Field(min_length=8, max_length=64, pattern="^[a-zA-Z0-9-]+$")]
    author: Annotated[
        str,
        StringConstraints(
            strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$"
        ),
    ]


class SentChange(_Message):
    """A change; see :class:`closeup.store.label_records.LabelChange`."""

    action: Action
    item: Number
    object: Key = WHOLE
    subject: Subject
    annotation: dict[str, Any] | None = None
    verdict: LabelVerdict | None = None
    base: Number | Action | None = None
    judges: Number | None = None

    def change(self, author: str) -> LabelChange:
        """The change for the store; a label is by the person.

        Raises:
            InputError: the annotation is not one.

        """
        annotation = None
        if self.annotation is not None:
            try:
                annotation = Annotation.of_json(
                    self.annotation, key=self.object, origin=Origin.PERSON, method=author
                )
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                raise InputError(f"the label {self.object} cannot be kept: {error}") from error
        return LabelChange(
            action=self.action,
            item=self.item,
            object=self.object,
            subject=self.subject,
            annotation=annotation,
            verdict=self.verdict,
            base=self.base,
            judges=self.judges,
        )


class SentBatch(_Message):
    """Changes that are undone together."""

    batch: Action
    changes: Annotated[list[SentChange], Field(min_length=1, max_length=MOST)]


class Changes(_Message):
    """Changes in the order in which they were made."""

    batches: Annotated[list[SentBatch], Field(max_length=MOST)]


class Undoing(_Message):
    """The last batch is taken back."""

    action: Action


class Skipping(_Message):
    """All pictures that are gone are passed over."""

    action: Annotated[str, Field(min_length=1, max_length=50)]


class Copying(_Message):
    """Labels are copied from one picture to another."""

    source: Number
    target: Number
    action: Annotated[str, Field(min_length=1, max_length=50)]


class Filling(_Message):
    """A label of a video is filled in between its key frames."""

    item: Number
    object: Key
    action: Annotated[str, Field(min_length=1, max_length=50)]


class Holding(_Message):
    """Pictures that a page still shows or is about to show, and those that it left."""

    items: Annotated[list[Number], Field(max_length=500)]
    left: Annotated[list[Number], Field(max_length=500)] = []


def views_as_json(views: Sequence[LabelView]) -> list[dict[str, Any]]:
    """Units without their pictures."""
    return [
        {
            "item": view.unit.item,
            "object": view.unit.object,
            "reason": view.reason,
            "held_by": list(view.held_by),
        }
        for view in views
    ]


def items_as_json(items: Iterable[StoredItem]) -> list[dict[str, Any]]:
    """Pictures with their labels; each picture once."""
    return [item_as_json(item) for item in {item.id: item for item in items}.values()]


def item_as_json(item: StoredItem) -> dict[str, Any]:
    """A picture with its labels."""
    return {
        "id": item.id,
        "path": item.path,
        "frame": item.frame,
        "size": None if item.size is None else list(item.size),
        "verdict": item.verdict,
        "verdict_revision": item.verdict_revision,
        "labels": [label_as_json(label) for label in item.labels],
    }


def label_as_json(label: StoredLabel) -> dict[str, Any]:
    """A label, how it came to be, and its verdict."""
    one = label.annotation
    return {
        "object": label.object,
        "revision": label.revision,
        "annotation": one.as_json(),
        "origin": one.origin,
        "method": one.method,
        "version": one.version,
        "author": label.author,
        "at": label.at,
        "verdict": one.verdict,
        "verdict_revision": label.verdict_revision,
    }


def written_as_json(written: Written) -> dict[str, Any]:
    """What became of a change."""
    return {"revision": written.revision, "stale": written.stale, "newest": written.newest}


def revision_as_json(revision: RevisionRecord, item: StoredItem | None) -> dict[str, Any]:
    """A line of the list of labels so far."""
    return {
        "id": revision.id,
        "item": revision.item,
        "object": revision.object,
        "path": "" if item is None else item.path,
        "frame": None if item is None else item.frame,
        "subject": revision.subject,
        "content": revision.content,
        "author": revision.author,
        "at": revision.at,
        "undoes": revision.undoes is not None,
        "stale": revision.stale,
    }
