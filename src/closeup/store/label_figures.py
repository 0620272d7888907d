"""Reads what figures about a store need: counts, verdicts, and people's actions in time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Row, func, select

from closeup.annotations import LabelVerdict
from closeup.store.database import Database
from closeup.store.label_tables import WHOLE, Head, Revision, Subject


class LabelGroup(NamedTuple):
    """How labels came to be."""

    origin: str
    method: str
    version: str


class Action(NamedTuple):
    """One revision of a person, as far as figures need it.

    Attributes:
        id: Its number.
        author: The person.
        batch: Identifier of what was done at once.
        at: Seconds since 1970, UTC.
        kind: ``verdict``, ``point``, ``box``, or ``other`` for a removal and the like.
        undoes: The revision that it takes back; None if none.
        stale: Whether it came too late and is only kept.

    """

    id: int
    author: str
    batch: str
    at: float
    kind: str
    undoes: int | None
    stale: bool

    @property
    def counts(self) -> bool:
        """Whether it is a label or verdict in force when it was written, not an undoing."""
        return self.undoes is None and not self.stale


def label_groups(database: Database) -> dict[LabelGroup, int]:
    """Number of labels in force, in all layers, by how they came to be."""
    columns = (Revision.origin, Revision.method, Revision.version)
    query = (
        select(*columns, func.count())
        .join(Head, Head.revision_id == Revision.id)
        .where(Head.subject == Subject.LABEL, Revision.content.is_not(None))
        .group_by(*columns)
    )
    with database.reading() as connection:
        return {LabelGroup(*row[:3]): row[3] for row in connection.execute(query)}


def verdicts(database: Database) -> Iterator[tuple[LabelGroup, LabelVerdict]]:
    """The newest verdict of every layer on every revision of a label that was judged.

    A label that was called false and then corrected keeps the verdict on what it was.
    """
    newest: dict[tuple[str, int], LabelVerdict] = {}
    judged: dict[int, int] = {}  # revision of a verdict → revision of the label
    with database.reading() as connection:
        query = (
            select(Revision.id, Revision.layer, Revision.content, Revision.base, Revision.undoes)
            .where(Revision.subject == Subject.VERDICT, Revision.object != WHOLE)
            .where(Revision.stale.is_(False))
            .order_by(Revision.id)
        )
        for row in connection.execute(query):
            _note(row, newest, judged)
        groups = _groups(connection, {label for _, label in newest})
    for (_, label), verdict in newest.items():
        if label in groups:
            yield groups[label], verdict


def _note(
    row: Row[Any], newest: dict[tuple[str, int], LabelVerdict], judged: dict[int, int]
) -> None:
    """Keep what a revision of a verdict says, or that it takes one back."""
    before = judged.get(row.base if row.undoes is None else row.undoes)
    if before is not None and (row.content is None or row.undoes is not None):
        newest.pop((row.layer, before), None)
    if row.content is not None and row.content.get("judges") is not None:
        judged[row.id] = row.content["judges"]
        newest[row.layer, judged[row.id]] = LabelVerdict(row.content["verdict"])
    elif before is not None:
        judged[row.id] = before


def _groups(connection: Any, labels: set[int]) -> dict[int, LabelGroup]:
    numbers, chunk = sorted(labels), 10_000
    groups: dict[int, LabelGroup] = {}
    for begin in range(0, len(numbers), chunk):
        query = select(Revision.id, Revision.origin, Revision.method, Revision.version)
        some = query.where(Revision.id.in_(numbers[begin : begin + chunk]))
        groups |= {row[0]: LabelGroup(*row[1:]) for row in connection.execute(some)}
    return groups


def actions(database: Database) -> Iterator[Action]:
    """What people did, by person and in the order in which it was done."""
    query = (
        select(
            Revision.id, Revision.author, Revision.batch, Revision.at, Revision.subject,
            Revision.content, Revision.undoes, Revision.stale,
        )
        .where(Revision.author != "", Revision.batch.is_not(None))
        .order_by(Revision.author, Revision.at, Revision.id)
    )  # fmt: skip
    with database.reading() as connection:
        for row in connection.execute(query):
            kind = "verdict" if row.subject == Subject.VERDICT else _kind(row.content)
            yield Action(row.id, row.author, row.batch, row.at, kind, row.undoes, row.stale)


def _kind(content: dict[str, Any] | None) -> str:
    if not content:
        return "other"
    return "point" if content.get("points") else "box" if content.get("box") else "other"
