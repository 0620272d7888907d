"""Merges one store of labels into another, revision by revision."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, insert, select

from closeup.annotations import AnnotatedPicture, Origin
from closeup.geometry import Size
from closeup.progress import Progress
from closeup.store.database import take_turns
from closeup.store.label_import import import_pictures, insert_first_revisions, keys_in_use
from closeup.store.label_store import LabelStore
from closeup.store.label_tables import NO_FRAME, Item, Revision, Schema, Subject
from closeup.store.revision_writer import RevisionWriter

_OWN = ("id", "stale")
"""Columns of a revision that each store fills by itself."""
_CHUNK = 5000
"""Revisions that are written in one transaction."""


class MergeConflict(NamedTuple):
    """A change that came second: it is kept as a stale revision.

    Attributes:
        path: Path of the picture or video.
        frame: Number of the frame; None for a picture.
        object: Key of the label; empty for a verdict on the whole picture.
        author: Who made the change.

    """

    path: str
    frame: int | None
    object: str
    author: str


@dataclass(slots=True)
class Merged:
    """What a merge added.

    Attributes:
        pictures: Number of pictures or frames that were not in the store.
        revisions: Number of revisions that were not in the store.
        conflicts: Changes that another one of the store had come before.

    """

    pictures: int = 0
    revisions: int = 0
    conflicts: list[MergeConflict] = field(default_factory=list)


def merge_stores(source: LabelStore, target: LabelStore, progress: Progress) -> Merged:
    """Write all revisions of a store into another one that lack there.

    Pictures are the same if their path and frame are. A revision is known by its action, so that
    a merge that is repeated, or goes on after an interruption, writes nothing twice; authors,
    times, bases, judged revisions and what an undoing takes back stay as they are. Where both
    stores changed the same label, the target's change stays in force and the other one is kept as
    a stale revision. A proposal whose key another one has there gets a key of its own.

    Args:
        source: The store that is read; it is not changed.
        target: The store that is written.
        progress: Receives one stage.

    Raises:
        InputError: the source is damaged.
        OutputError: the target cannot be written; complete chunks of revisions are.

    """
    merged = Merged(pictures=_add_pictures(source, target))
    merging = _Merging(source, target, merged)
    progress.begin("merging labels", merging.count())
    for rows in merging.chunks():
        with target.database.writing() as connection:
            merging.write(connection, rows)
        progress.advance(len(rows))
    return merged


def _add_pictures(source: LabelStore, target: LabelStore) -> int:
    def each() -> Iterator[AnnotatedPicture]:
        with source.database.reading() as connection:
            rows = connection.execute(select(*Item.__table__.columns).order_by(Item.place)).all()
        for row in rows:
            size = None if row.width is None else Size(row.width, row.height)
            frame = None if row.frame == NO_FRAME else row.frame
            yield AnnotatedPicture(row.path, frame, size, extra=row.extra)

    return import_pictures(target, each()).pictures


class _Merging:
    """Translates the numbers of one store to those of another."""

    def __init__(self, source: LabelStore, target: LabelStore, merged: Merged) -> None:
        self._source = source
        self._merged = merged
        self._paths = {number: key for key, number in _numbers(source).items()}
        here = _numbers(target)
        self._items = {number: here[key] for number, key in self._paths.items()}
        self._schemas = _same_schemas(source, target)
        self._revisions: dict[int, int] = {}
        self._keys: dict[tuple[int, str], str] = {}

    def count(self) -> int:
        """Number of revisions of the source."""
        return self._source.revision_count()

    def chunks(self) -> Iterator[Sequence[Row[Any]]]:
        """The revisions of the source, the oldest first."""
        after = 0
        while True:
            query = select(*Revision.__table__.columns).where(Revision.id > after)
            with self._source.database.reading() as connection:
                rows = connection.execute(query.order_by(Revision.id).limit(_CHUNK)).all()
            if not rows:
                return
            yield rows
            after = rows[-1].id

    def write(self, connection: Connection, rows: Sequence[Row[Any]]) -> None:
        """Write those of some revisions that the target lacks."""
        take_turns(connection, "imports")
        self._note(connection, rows)
        new = [row for row in rows if row.id not in self._revisions]
        self._merged.revisions += len(new)
        for row in self._in_bulk(connection, new):
            self._write_one(connection, row)

    def _in_bulk(self, connection: Connection, rows: list[Row[Any]]) -> list[Row[Any]]:
        """Write the proposals among revisions at once; return the others."""
        proposals = [row for row in rows if _is_proposal(row)]
        taken = keys_in_use(connection, {self._items[row.item_id] for row in proposals})
        values = []
        for row in proposals:
            item, key = self._items[row.item_id], row.object
            if (item, key) in taken:
                key = f"{key}-{row.action[:8]}"
            taken.add((item, key))
            self._keys[row.item_id, row.object] = key
            values.append(self._values(row))
        insert_first_revisions(connection, values)
        self._note(connection, proposals)
        done = {row.id for row in proposals}
        return [row for row in rows if row.id not in done]

    def _note(self, connection: Connection, rows: Sequence[Row[Any]]) -> None:
        """Keep number and key that revisions have in the target, by their actions."""
        query = select(Revision.action, Revision.id, Revision.object)
        actions = [row.action for row in rows]
        found = connection.execute(query.where(Revision.action.in_(actions)))
        here = {row.action: row for row in found}
        for row in rows:
            if row.action in here:
                self._revisions[row.id] = here[row.action].id
                self._keys[row.item_id, row.object] = here[row.action].object

    def _write_one(self, connection: Connection, row: Row[Any]) -> None:
        writer = RevisionWriter(connection, row.author, row.layer, row.batch, row.at)
        outcome = writer.repeat(self._values(row), stale=row.stale)
        self._revisions[row.id] = outcome.revision
        if outcome.stale and not row.stale:
            path, frame = self._paths[row.item_id]
            shown = None if frame == NO_FRAME else frame
            self._merged.conflicts.append(MergeConflict(path, shown, row.object, row.author))

    def _values(self, row: Row[Any]) -> dict[str, Any]:
        """The columns of a revision with the target's numbers."""
        values = {name: value for name, value in row._mapping.items() if name not in _OWN}
        content = row.content
        if row.subject == Subject.VERDICT and content and content.get("judges") is not None:
            content = {**content, "judges": self._revisions.get(content["judges"])}
        return {
            **values,
            "item_id": self._items[row.item_id],
            "object": self._keys.get((row.item_id, row.object), row.object),
            "content": content,
            "base": self._revisions.get(row.base),
            "undoes": self._revisions.get(row.undoes),
            "schema_id": self._schemas.get(row.schema_id),
        }


def _is_proposal(row: Row[Any]) -> bool:
    """Whether a revision is a new label of a program, which no other one of its chunk precedes."""
    own = (Origin.PERSON, Origin.INTERPOLATED)
    first = row.base is None and row.undoes is None and not row.stale and row.layer == ""
    return first and row.subject == Subject.LABEL and row.origin not in own and bool(row.content)


def _numbers(store: LabelStore) -> dict[tuple[str, int], int]:
    """(path, frame) → number of all items; the frame of a picture is :data:`NO_FRAME`."""
    with store.database.reading() as connection:
        rows = connection.execute(select(Item.path, Item.frame, Item.id))
        return {(path, frame): number for path, frame, number in rows}


def _same_schemas(source: LabelStore, target: LabelStore) -> dict[int, int]:
    """Number of a schema in the source → in the target; those that lack there are added."""
    with source.database.reading() as connection:
        rows = connection.execute(select(*Schema.__table__.columns)).all()
    numbers: dict[int, int] = {}
    with target.database.writing() as connection:
        for row in rows:
            found = connection.scalar(select(Schema.id).where(Schema.digest == row.digest))
            if found is None:
                values = {"digest": row.digest, "content": row.content, "at": row.at}
                made = insert(Schema).values(values).returning(Schema.id)
                found = connection.execute(made).scalar_one()
            numbers[row.id] = found
    return numbers
