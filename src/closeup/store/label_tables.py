"""Tables of the store of labels.

``revisions`` only grows: a label is never overwritten, it gets another revision. ``heads`` names
the newest revision of every label and verdict, so that the present state is read without a search.

A *layer* holds the labels of one person where several people label the same pictures without seeing
each other's work; the layer ``""`` is everybody's.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_KEY = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers only INTEGER keys by itself

WHOLE = ""
"""Object of a verdict on a whole picture: its labels are complete."""
NO_FRAME = -1
"""Frame of an item that is a picture."""


def _where(column: str) -> dict[str, Any]:
    """An index of the rows that have a value, as few do."""
    rows = text(f"{column} IS NOT NULL")
    return {"sqlite_where": rows, "postgresql_where": rows}


class Subject(StrEnum):
    """What a revision states."""

    LABEL = "label"
    VERDICT = "verdict"


class Base(DeclarativeBase):
    """Root of all tables; constraints have names, so that migrations can change them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Item(Base):
    """A picture, or a frame of a video.

    Attributes:
        place: Its place in the order of labelling.
        decisions: Number of layers in which a person called its labels complete.

    """

    __tablename__ = "items"
    __table_args__ = (
        Index("uq_items_path_frame", "path", "frame", unique=True),
        Index("uq_items_place", "place", unique=True),
        Index("ix_items_decisions_place", "decisions", "place"),
    )

    id: Mapped[int] = mapped_column(_KEY, primary_key=True)
    path: Mapped[str] = mapped_column(Text)
    frame: Mapped[int] = mapped_column(Integer, default=NO_FRAME)
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    place: Mapped[int] = mapped_column(_KEY)
    decisions: Mapped[int] = mapped_column(Integer, default=0)
    extra: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class Schema(Base):
    """A schema of labels that was in force at some time."""

    __tablename__ = "schemas"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[float] = mapped_column(Float(53))


class Revision(Base):
    """One statement of one person or program on one object, which is never changed.

    Attributes:
        action: Identifier that its writer chose, so that it is written once however often it is
            sent.
        batch: Identifier of the actions that are undone together; None in an import, which nobody
            takes back.
        object: Key of the object within its item; :data:`WHOLE` for the item itself.
        content: A label as :meth:`closeup.annotations.Annotation.as_json`, or ``{"verdict": …}``
            with the judged revision; None if it takes the label or verdict away.
        base: The revision that its writer saw; None if there was none.
        undoes: The revision that it takes back.
        stale: Whether another revision had come first, so that this one is only kept.
        at: Seconds since 1970, UTC.

    """

    __tablename__ = "revisions"
    __table_args__ = (
        Index("ix_revisions_item_id_object", "item_id", "object"),
        Index("ix_revisions_author_id", "author", "id"),
        Index("ix_revisions_undoes", "undoes", **_where("undoes")),
        Index("ix_revisions_batch", "batch", **_where("batch")),
    )

    id: Mapped[int] = mapped_column(_KEY, primary_key=True)
    action: Mapped[str] = mapped_column(Text, unique=True)
    batch: Mapped[str | None] = mapped_column(Text)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"))
    layer: Mapped[str] = mapped_column(Text, default="")
    object: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(String(16))
    content: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    origin: Mapped[str] = mapped_column(String(16))
    method: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[str] = mapped_column(Text, default="")
    author: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[float] = mapped_column(Float(53))
    base: Mapped[int | None] = mapped_column(_KEY)
    undoes: Mapped[int | None] = mapped_column(_KEY)
    stale: Mapped[bool] = mapped_column(default=False)
    schema_id: Mapped[int | None] = mapped_column(ForeignKey("schemas.id"))


class Head(Base):
    """The newest revision of a label or a verdict.

    Attributes:
        place: The item's place.
        proposed: Whether it is a label of everybody's layer that a program made, which people may
            judge.
        decisions: Number of layers in which a verdict on the label counts; the same for the label's
            heads in all layers. For a verdict, 1 if it counts: if it says something, and the label
            is still the one that it judges.

    """

    __tablename__ = "heads"
    __table_args__ = (
        Index("ix_heads_queue", "subject", "proposed", "decisions", "place", "object", "item_id"),
        Index("ix_heads_order", "subject", "proposed", "place", "object", "item_id"),
    )

    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True)
    object: Mapped[str] = mapped_column(Text, primary_key=True)
    subject: Mapped[str] = mapped_column(String(16), primary_key=True)
    layer: Mapped[str] = mapped_column(Text, primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"))
    place: Mapped[int] = mapped_column(_KEY)
    proposed: Mapped[bool] = mapped_column(default=False)
    decisions: Mapped[int] = mapped_column(Integer, default=0)


class Lease(Base):
    """An item that a person has on the screen.

    Attributes:
        holder: The person and the session.
        expires: Seconds since 1970, UTC, at which others may have it.

    """

    __tablename__ = "leases"

    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True)
    holder: Mapped[str] = mapped_column(Text, primary_key=True)
    expires: Mapped[float] = mapped_column(Float(53))


class QueueEntry(Base):
    """An entry of a named queue of what to label or review next.

    Attributes:
        since: The newest revision when the queue was made; what was decided before is to be
            decided again.

    """

    __tablename__ = "queue_entries"
    __table_args__ = (Index("ix_queue_entries_item", "queue", "item_id", "object"),)

    queue: Mapped[str] = mapped_column(Text, primary_key=True)
    place: Mapped[int] = mapped_column(_KEY, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"))
    object: Mapped[str] = mapped_column(Text, default=WHOLE)
    reason: Mapped[str] = mapped_column(Text, default="")
    since: Mapped[int] = mapped_column(_KEY)


class Setting(Base):
    """A fact about the store as a whole."""

    __tablename__ = "settings"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)
