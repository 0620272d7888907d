"""The store of labels: every change is one more revision, and nothing is overwritten."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import uuid4

from sqlalchemy import Select, bindparam, delete, func, insert, select, update

from closeup.geometry import Size
from closeup.store.database import Database, take_turns
from closeup.store.item_reader import read_items, read_revision
from closeup.store.label_records import LabelChange, RevisionRecord, StoredItem, Written
from closeup.store.label_tables import NO_FRAME, Head, Item, Revision, Schema, Setting, Subject
from closeup.store.revision_writer import RevisionWriter

_CHUNK = 2000
"""Items that are read at once."""

Clock = Callable[[], float]


class LabelStore:
    """Pictures with their labels and verdicts in a database.

    Every method is one transaction; several threads and processes may use one database at once.

    Args:
        database: The database; the caller closes it.
        clock: Gives seconds since 1970, UTC.

    """

    def __init__(self, database: Database, clock: Clock = time.time) -> None:
        self.database = database
        self.clock = clock

    def write(
        self,
        changes: Iterable[LabelChange],
        author: str,
        *,
        layer: str = "",
        batch: str | None = None,
    ) -> list[Written]:
        """Write changes, all of them or none.

        A change whose ``action`` was written before is not written again. A change whose ``base``
        is not the newest revision is kept, but leaves the label as it is; see :class:`Written`. So
        is a verdict on a label that has changed since.

        Args:
            changes: The changes, in order.
            author: The person; empty for a program.
            layer: The layer of the labels.
            batch: Identifier of the changes that :meth:`undo` takes back together; a new one if
                None.

        Raises:
            InputError: an item, or a label that is judged, does not exist.
            OutputError: the database cannot be written; nothing of the changes is.

        """
        changes = list(changes)
        if not changes:
            return []
        with self.database.writing() as connection:
            writer = RevisionWriter(connection, author, layer, batch or uuid4().hex, self.clock())
            return writer.write(changes)

    def undo(self, author: str, action: str, *, layer: str = "") -> list[tuple[int, Written]]:
        """Take back the author's last actions that were written together.

        A label that somebody else changed since then stays as it is. A verdict that a change of its
        label had put aside counts again. What was imported is not taken back. What takes back a
        change has the action ``UNDOING~CHANGE``, made of the identifiers of both.

        Args:
            author: The person.
            action: Identifier of this undoing, which is done once however often it is sent.
            layer: The layer of the labels.

        Returns:
            The item and the outcome of each label; empty if there is nothing to take back.

        Raises:
            OutputError: the database cannot be written.

        """
        with self.database.writing() as connection:
            writer = RevisionWriter(connection, author, layer, action, self.clock())
            return writer.undo()

    def items(self, numbers: Sequence[int], *, layer: str = "") -> list[StoredItem]:
        """Items with the present state of their labels, in the order of the numbers.

        Args:
            numbers: Numbers of items; those that do not exist are left out.
            layer: The layer whose labels and verdicts are shown; labels that it does not have come
                from the layer of everybody.

        """
        found: dict[int, StoredItem] = {}
        with self.database.reading() as connection:
            for begin in range(0, len(numbers), _CHUNK):
                found |= read_items(connection, numbers[begin : begin + _CHUNK], layer)
        return [found[number] for number in numbers if number in found]

    def all_items(self, *, layer: str = "") -> Iterator[StoredItem]:
        """All items in the order of labelling, with the present state of their labels."""
        place = -1
        while True:
            with self.database.reading() as connection:
                query = select(Item.id, Item.place).where(Item.place > place)
                rows = connection.execute(query.order_by(Item.place).limit(_CHUNK)).all()
                if not rows:
                    return
                found = read_items(connection, [row.id for row in rows], layer)
            yield from (found[row.id] for row in rows)
            place = rows[-1].place

    def count(self) -> int:
        """The number of items."""
        with self.database.reading() as connection:
            return connection.scalar(select(func.count()).select_from(Item)) or 0

    def complete(self) -> int:
        """The number of items whose labels a person called complete, or judged as a whole."""
        query = select(func.count()).select_from(Item).where(Item.decisions > 0)
        with self.database.reading() as connection:
            return connection.scalar(query) or 0

    def layers(self) -> list[str]:
        """Names of the people who label without seeing each other's work, in order."""
        query = select(Head.layer).where(Head.layer != "").distinct().order_by(Head.layer)
        with self.database.reading() as connection:
            return list(connection.scalars(query))

    def number(self, path: str, frame: int | None = None) -> int | None:
        """Number of the item of a picture or frame; None if there is none."""
        query = select(Item.id).where(
            Item.path == path, Item.frame == (NO_FRAME if frame is None else frame)
        )
        with self.database.reading() as connection:
            return connection.scalar(query)

    def numbers(self) -> dict[tuple[str, int | None], int]:
        """(path, frame) → number of all items; the frame of a picture is None."""
        with self.database.reading() as connection:
            rows = connection.execute(select(Item.path, Item.frame, Item.id))
            return {
                (path, None if frame == NO_FRAME else frame): number for path, frame, number in rows
            }

    def frames(self, path: str) -> list[int]:
        """Numbers of the items of a video, in the order of its frames."""
        query = select(Item.id).where(Item.path == path).order_by(Item.frame)
        with self.database.reading() as connection:
            return list(connection.scalars(query))

    def set_size(self, item: int, size: Size) -> None:
        """Record the size of a picture, in pixels as shown."""
        self.set_sizes({item: size})

    def set_sizes(self, sizes: Mapping[int, Size]) -> None:
        """Record the sizes of pictures, by their numbers, in pixels as shown."""
        rows = [{"item": item, "w": size.width, "h": size.height} for item, size in sizes.items()]
        change = (
            update(Item)
            .where(Item.id == bindparam("item"))
            .values(width=bindparam("w"), height=bindparam("h"))
        )
        if rows:
            with self.database.writing() as connection:
                connection.execute(change, rows)

    def set_extras(self, extras: Mapping[int, Mapping[str, Any]]) -> None:
        """Record keys of imported files, by the numbers of pictures and the formats' names."""
        rows = [{"item": item, "keys": dict(keys)} for item, keys in extras.items()]
        change = update(Item).where(Item.id == bindparam("item")).values(extra=bindparam("keys"))
        if rows:
            with self.database.writing() as connection:
                connection.execute(change, rows)

    def history(self, item: int, key: str | None = None) -> list[RevisionRecord]:
        """The revisions of an item, or of one of its objects, the oldest first."""
        query = select(Revision).where(Revision.item_id == item).order_by(Revision.id)
        if key is not None:
            query = query.where(Revision.object == key)
        return self._revisions(query)

    def revisions(self, after: int = 0, limit: int = 10_000) -> list[RevisionRecord]:
        """The revisions with numbers above ``after``, the oldest first."""
        query = select(Revision).where(Revision.id > after).order_by(Revision.id).limit(limit)
        return self._revisions(query)

    def latest(
        self, author: str, limit: int, *, before: int | None = None, layer: str = ""
    ) -> list[RevisionRecord]:
        """The revisions of a person, the newest first.

        Args:
            author: The person.
            limit: Largest number of revisions.
            before: Number below which they lie; None for the newest.
            layer: The layer of the labels.

        """
        query = select(Revision).where(Revision.author == author, Revision.layer == layer)
        if before is not None:
            query = query.where(Revision.id < before)
        return self._revisions(query.order_by(Revision.id.desc()).limit(limit))

    def class_counts(self, *, layer: str = "") -> dict[str, int]:
        """Class → number of its labels that are made by hand or stand in a complete picture."""
        name = Revision.content["name"].as_string()
        query = (
            select(name, func.count())
            .select_from(Head)
            .join(Revision, Revision.id == Head.revision_id)
            .join(Item, Item.id == Head.item_id)
            .where(
                Head.subject == Subject.LABEL,
                Head.layer.in_({layer, ""}),
                Revision.content.is_not(None),
                Head.proposed.is_(False) | (Item.decisions > 0),
            )
            .group_by(name)
        )
        with self.database.reading() as connection:
            return {found or "": count for found, count in connection.execute(query)}

    def revision_count(self) -> int:
        """The number of revisions."""
        with self.database.reading() as connection:
            return connection.scalar(select(func.count()).select_from(Revision)) or 0

    def setting(self, name: str, default: Any = None) -> Any:
        """A fact about the store, such as the folder of its pictures."""
        with self.database.reading() as connection:
            row = connection.execute(select(Setting.value).where(Setting.name == name)).first()
        return default if row is None else row.value

    def set_setting(self, name: str, value: Any) -> None:
        """Record a fact about the store, as JSON."""
        with self.database.writing() as connection:
            take_turns(connection, "settings")
            connection.execute(delete(Setting).where(Setting.name == name))
            connection.execute(insert(Setting).values(name=name, value=value))

    def schema(self) -> dict[str, Any] | None:
        """The schema that revisions follow now; None if none was recorded."""
        number = self.setting("schema")
        with self.database.reading() as connection:
            return connection.scalar(select(Schema.content).where(Schema.id == number))

    def use_schema(self, content: Mapping[str, Any]) -> int:
        """Record the schema that revisions from now on follow; return its number."""
        text = json.dumps(content, sort_keys=True, ensure_ascii=False)
        digest = hashlib.sha256(text.encode()).hexdigest()
        with self.database.writing() as connection:
            take_turns(connection, "settings")
            number = connection.scalar(select(Schema.id).where(Schema.digest == digest))
            if number is None:
                row = {"digest": digest, "content": dict(content), "at": self.clock()}
                made = insert(Schema).values(row).returning(Schema.id)
                number = connection.execute(made).scalar_one()
            connection.execute(delete(Setting).where(Setting.name == "schema"))
            connection.execute(insert(Setting).values(name="schema", value=number))
        return number

    def _revisions(self, query: Select[Revision]) -> list[RevisionRecord]:
        with self.database.reading() as connection:
            return [read_revision(row) for row in connection.execute(query)]
