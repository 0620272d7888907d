"""What goes into the store of labels and comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from closeup.annotations import Annotation, LabelVerdict
from closeup.geometry import Size
from closeup.store.label_tables import WHOLE, Subject


@dataclass(frozen=True, slots=True)
class LabelChange:
    """What one action of a person or a program changes: one label, or one verdict.

    Attributes:
        action: Identifier that the writer chooses; a change that is sent again is written once.
        item: Number of the item.
        object: Key of the object; :data:`~closeup.store.label_tables.WHOLE` for the whole picture.
        annotation: The label, with its origin, method and version; None in a verdict, and in a
            change that takes a label away.
        verdict: The verdict; None in a label, and in a change that takes a verdict away.
        subject: Whether it is about a label or a verdict.
        base: The revision of this label or verdict that the writer saw, or the ``action`` of the
            writer's own earlier change that may not have been sent yet; None if there was none.
        judges: The revision of the label that a verdict judges; None for the newest.

    """

    action: str
    item: int
    object: str
    subject: Subject
    annotation: Annotation | None = None
    verdict: LabelVerdict | None = None
    base: int | str | None = None
    judges: int | None = None

    @classmethod
    def of_label(
        cls,
        action: str,
        item: int,
        key: str,
        annotation: Annotation | None,
        base: int | str | None = None,
    ) -> LabelChange:
        """A new place of a label, or its removal if ``annotation`` is None."""
        return cls(action, item, key, Subject.LABEL, annotation, base=base)

    @classmethod
    def of_verdict(
        cls,
        action: str,
        item: int,
        verdict: LabelVerdict | None,
        key: str = WHOLE,
        base: int | str | None = None,
    ) -> LabelChange:
        """A verdict on a label or on the whole picture, or its removal if ``verdict`` is None."""
        return cls(action, item, key, Subject.VERDICT, verdict=verdict, base=base)


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a change.

    Attributes:
        revision: Number of the revision that holds the change.
        stale: Whether another revision had come first. The change is kept as a revision, and the
            label stays as the other one left it.
        newest: Number of the newest revision of this label or verdict now.

    """

    revision: int
    stale: bool
    newest: int


@dataclass(frozen=True, slots=True)
class StoredLabel:
    """The present state of a label.

    Attributes:
        object: Its key.
        revision: Number of its newest revision.
        annotation: The label with its origin, method and version, and the verdict of the layer that
            was asked for.
        author: The person that made this revision; empty for a program.
        at: Seconds since 1970, UTC.
        verdict_revision: Number of the verdict's newest revision; None without one.

    """

    object: str
    revision: int
    annotation: Annotation
    author: str
    at: float
    verdict_revision: int | None = None


@dataclass(frozen=True, slots=True)
class StoredItem:
    """A picture or frame with the present state of its labels.

    Attributes:
        id: Number of the item.
        path: Path relative to the folder of the pictures.
        frame: Number of the frame from 0; None for a picture.
        size: Width and height in pixels as shown; None until the picture was opened.
        place: Its place in the order of labelling.
        labels: Its labels.
        verdict: The verdict on the whole picture; True means that its labels are complete.
        verdict_revision: Number of that verdict's newest revision; None without one.
        extra: Keys of imported files, by the format's name.

    """

    id: int
    path: str
    frame: int | None
    size: Size | None
    place: int
    labels: tuple[StoredLabel, ...] = ()
    verdict: LabelVerdict | None = None
    verdict_revision: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RevisionRecord:
    """A revision as it was written; see :class:`closeup.store.label_tables.Revision`."""

    id: int
    batch: str
    item: int
    layer: str
    object: str
    subject: Subject
    content: Mapping[str, Any] | None
    origin: str
    method: str
    version: str
    author: str
    at: float
    base: int | None
    undoes: int | None
    stale: bool
