"""The order in which labels are shown: what comes next, before, first and last."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    SQLColumnExpression,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    tuple_,
)
from sqlalchemy.orm import aliased

from closeup.store.database import Database, take_turns
from closeup.store.label_tables import WHOLE, Head, Item, Lease, QueueEntry, Revision, Subject


class Unit(NamedTuple):
    """What is shown and decided at once.

    Attributes:
        item: Number of the picture or frame.
        object: Key of the label; :data:`~closeup.store.label_tables.WHOLE` for the whole picture.

    """

    item: int
    object: str = WHOLE


class Units(StrEnum):
    """What a queue goes through."""

    LABELS = "labels"
    """Every label that a program proposed, to be judged."""
    PICTURES = "pictures"
    """Every picture, to be labelled."""


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How far the labelling is.

    Attributes:
        all: Number of units.
        decided: Number of units that are decided.

    """

    all: int
    decided: int


@dataclass(frozen=True, slots=True)
class _Entries:
    """The rows that a queue goes through, and the columns by which it orders and filters them."""

    query: Select[int, str]
    item: SQLColumnExpression[int]
    object: SQLColumnExpression[str]
    place: SQLColumnExpression[int]
    decisions: SQLColumnExpression[int]


class LabelQueue:
    """The units of a store in the order of labelling, or of a named queue.

    Args:
        database: The database of the store.
        units: Whether it goes through labels or pictures.
        name: Name of a queue that :func:`fill_queue` made; None for everything in the store. With
            an overlap of 1, its units are decided if they were since then.
        layer: The layer whose verdicts count where ``overlap`` is above 1.
        overlap: Number of layers in which a unit is to be decided.
        clock: Gives seconds since 1970, UTC.

    """

    def __init__(
        self,
        database: Database,
        units: Units,
        *,
        name: str | None = None,
        layer: str = "",
        overlap: int = 1,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.units = units
        self._database = database
        self._name = name
        self._layer = layer
        self._overlap = overlap
        self._clock = clock
        self._entries = _named(name, units) if name is not None else _everything(units)

    def after(
        self,
        unit: Unit | None,
        count: int = 1,
        *,
        undecided: bool = False,
        holder: str | None = None,
    ) -> list[Unit]:
        """The units that follow one.

        Args:
            unit: The unit; None for the beginning.
            count: Largest number of units.
            undecided: Whether to pass over decided ones.
            holder: Name under which pictures are leased; those that others hold are passed over.
                None passes over none.

        """
        query = self._undecided() if undecided else self._entries.query
        if unit is not None:
            query = query.where(self._order() > self._place_of(unit))
        if holder is not None:
            query = query.where(self._free(holder))
        return self._units(query.order_by(*self._ascending()).limit(count))

    def before(self, unit: Unit, count: int = 1) -> list[Unit]:
        """The units before one, the nearest first."""
        query = self._entries.query.where(self._order() < self._place_of(unit))
        descending = [column.desc() for column in self._ascending()]
        return self._units(query.order_by(*descending).limit(count))

    def last_decided(self, author: str) -> Unit | None:
        """The unit that a person decided or labelled last; None without one."""
        query = select(Revision.item_id, Revision.object).where(Revision.author == author)
        if self.units is Units.LABELS:
            query = query.where(Revision.subject == Subject.VERDICT, Revision.object != WHOLE)
        with self._database.reading() as connection:
            row = connection.execute(query.order_by(Revision.id.desc()).limit(1)).first()
        if row is None:
            return None
        return Unit(*row) if self.units is Units.LABELS else Unit(row[0])

    def counts(self) -> QueueCounts:
        """How many units there are and how many of them are decided."""
        every = self._count(self._entries.query)
        return QueueCounts(every, every - self._count(self._undecided()))

    def _count(self, query: Select[int, str]) -> int:
        with self._database.reading() as connection:
            return connection.scalar(select(func.count()).select_from(query.subquery())) or 0

    def _units(self, query: Select[int, str]) -> list[Unit]:
        with self._database.reading() as connection:
            return [Unit(*row) for row in connection.execute(query)]

    def _ascending(self) -> list[SQLColumnExpression[Any]]:
        return [self._entries.place, self._entries.object]

    def _order(self) -> ColumnElement[Any]:
        return tuple_(self._entries.place, self._entries.object)

    def _place_of(self, unit: Unit) -> ColumnElement[Any]:
        query = select(Item.place).where(Item.id == unit.item)
        if self._name is not None:
            query = select(QueueEntry.place).where(
                QueueEntry.queue == self._name,
                QueueEntry.item_id == unit.item,
                QueueEntry.object == unit.object,
            )
        with self._database.reading() as connection:
            place = connection.scalar(query.limit(1))
        return tuple_(literal(-1 if place is None else place), literal(unit.object))

    def _undecided(self) -> Select[int, str]:
        entries = self._entries
        if self._overlap == 1 and self._name is not None:
            undone = aliased(Revision)
            later = exists().where(
                Revision.item_id == entries.item,
                Revision.object == entries.object,
                Revision.id > QueueEntry.since,
                Revision.stale.is_(False),
                Revision.undoes.is_(None),
                ~exists().where(undone.undoes == Revision.id),
            )
            return entries.query.where(~later)
        if self._overlap == 1:
            return entries.query.where(entries.decisions == 0)
        own = aliased(Head)
        done = exists().where(
            own.item_id == entries.item,
            own.object == entries.object,
            own.layer == self._layer,
            (own.subject == Subject.LABEL) | (own.decisions > 0),
        )
        return entries.query.where(entries.decisions < self._overlap, ~done)

    def _free(self, holder: str) -> ColumnElement[bool]:
        """Whether fewer others hold a picture than may hold it at once."""
        others = select(func.count()).where(
            Lease.item_id == self._entries.item,
            Lease.holder != holder,
            Lease.expires > self._clock(),
        )
        held = others.correlate_except(Lease).scalar_subquery()
        return held < self._overlap


def fill_queue(database: Database, name: str, units: Iterable[tuple[Unit, str]]) -> int:
    """Make a named queue, or replace it; return its length.

    Args:
        database: The database of the store.
        name: Name of the queue.
        units: Units in the order in which they are to be shown, each with the reason why it is
            there, in a few words.

    """
    with database.writing() as connection:
        take_turns(connection, "queues")
        connection.execute(delete(QueueEntry).where(QueueEntry.queue == name))
        return _append(connection, name, units, 0)


def extend_queue(database: Database, name: str, units: Iterable[tuple[Unit, str]]) -> int:
    """Add units to the end of a named queue, or make it; return how many were added.

    What is in the queue already keeps its place, and whether it is decided.

    Args:
        database: The database of the store.
        name: Name of the queue.
        units: As for :func:`fill_queue`.

    """
    with database.writing() as connection:
        take_turns(connection, "queues")
        own = QueueEntry.queue == name
        rows = connection.execute(select(QueueEntry.item_id, QueueEntry.object).where(own))
        known = {Unit(item, key) for item, key in rows}
        last = connection.scalar(select(func.max(QueueEntry.place)).where(own))
        new = [entry for entry in units if entry[0] not in known]
        return _append(connection, name, new, 0 if last is None else last + 1)


def _append(
    connection: Connection, name: str, units: Iterable[tuple[Unit, str]], first: int
) -> int:
    """Add entries to a queue from a place on; only decisions from now on count for them."""
    rows = [
        {"queue": name, "place": i, "item_id": unit.item, "object": unit.object, "reason": reason}
        for i, (unit, reason) in enumerate(units, first)
    ]
    if rows:
        since = connection.scalar(select(func.max(Revision.id))) or 0
        connection.execute(insert(QueueEntry).values(since=since), rows)
    return len(rows)


def queue_reasons(database: Database, name: str, units: Iterable[Unit]) -> dict[Unit, str]:
    """Why units are in a named queue."""
    wanted = set(units)
    query = select(QueueEntry.item_id, QueueEntry.object, QueueEntry.reason).where(
        QueueEntry.queue == name, QueueEntry.item_id.in_({unit.item for unit in wanted})
    )
    with database.reading() as connection:
        rows = connection.execute(query).all()
    return {Unit(item, key): reason for item, key, reason in rows if (item, key) in wanted}


def queue_names(database: Database) -> dict[str, int]:
    """The named queues with their lengths."""
    query = select(QueueEntry.queue, func.count().label("length")).group_by(QueueEntry.queue)
    with database.reading() as connection:
        rows = connection.execute(query.order_by(QueueEntry.queue))
        return {row.queue: row.length for row in rows}


def _everything(units: Units) -> _Entries:
    if units is Units.PICTURES:
        whole: ColumnElement[str] = literal(WHOLE)
        query = select(Item.id, whole)
        return _Entries(query, Item.id, whole, Item.place, Item.decisions)
    query = select(Head.item_id, Head.object).where(
        Head.subject == Subject.LABEL, Head.proposed.is_(True)
    )
    return _Entries(query, Head.item_id, Head.object, Head.place, Head.decisions)


def _named(name: str, units: Units) -> _Entries:
    query = select(QueueEntry.item_id, QueueEntry.object).where(QueueEntry.queue == name)
    item, key, place = QueueEntry.item_id, QueueEntry.object, QueueEntry.place
    if units is Units.PICTURES:
        query = query.join(Item, Item.id == QueueEntry.item_id)
        return _Entries(query, item, key, place, Item.decisions)
    query = query.join(
        Head,
        (Head.item_id == QueueEntry.item_id)
        & (Head.object == QueueEntry.object)
        & (Head.subject == Subject.LABEL)
        & (Head.layer == ""),
    )
    return _Entries(query, item, key, place, Head.decisions)
