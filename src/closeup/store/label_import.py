"""Puts many pictures and proposed labels into the store at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, func, insert, select

from closeup.annotations import AnnotatedPicture, Annotation, Origin
from closeup.store.database import take_turns
from closeup.store.label_records import LabelChange
from closeup.store.label_store import LabelStore
from closeup.store.label_tables import NO_FRAME, Head, Item, Revision, Setting, Subject
from closeup.store.revision_writer import OWN_ORIGINS, RevisionWriter

_CHUNK = 2000
"""Pictures that are written in one transaction."""
_VARIABLES = 10_000
"""Values that one query names."""
_JSON = json.JSONEncoder(sort_keys=True, ensure_ascii=False, default=str)


@dataclass(slots=True)
class Imported:
    """What an import added.

    Attributes:
        pictures: Number of pictures or frames that were not in the store.
        labels: Number of labels that were not in the store.
        verdicts: Number of verdicts that were not in the store.

    """

    pictures: int = 0
    labels: int = 0
    verdicts: int = 0

    def add(self, other: Imported) -> None:
        """Count what another import added."""
        self.pictures += other.pictures
        self.labels += other.labels
        self.verdicts += other.verdicts


class _NewLabel(NamedTuple):
    item: int
    key: str
    action: str
    annotation: Annotation
    content: dict[str, Any]


def import_pictures(
    store: LabelStore, pictures: Iterable[AnnotatedPicture], author: str = ""
) -> Imported:
    """Add pictures and labels; what is in the store already is left as it is.

    A label is the same one if its picture, key, content, origin, method and version are the same,
    so that a file can be imported twice. A label whose key another one of its picture has already,
    as after a change by hand, is added under a key of its own: both stand side by side.

    Args:
        store: The store.
        pictures: The pictures with their labels, in the order of labelling.
        author: The person that is named with labels of the origin ``person`` and with verdicts;
            empty if it is not known.

    Raises:
        OutputError: the database cannot be written; complete chunks of pictures are.

    """
    done = Imported()
    chunk: list[AnnotatedPicture] = []
    for picture in pictures:
        chunk.append(picture)
        if len(chunk) == _CHUNK:
            _import_chunk(store, chunk, author, done)
            chunk = []
    if chunk:
        _import_chunk(store, chunk, author, done)
    return done


def _import_chunk(
    store: LabelStore, pictures: Sequence[AnnotatedPicture], author: str, done: Imported
) -> None:
    with store.database.writing() as connection:
        take_turns(connection, "imports")
        numbers = _add_items(connection, pictures, done)
        labels = _new_labels(connection, pictures, numbers)
        if labels:
            _insert_labels(connection, labels, author, store.clock())
        done.labels += len(labels)
        verdicts = [
            LabelChange.of_verdict(
                f"{label.action}v", label.item, label.annotation.verdict, label.key
            )
            for label in labels
            if label.annotation.verdict is not None
        ]
        if verdicts:
            writer = RevisionWriter(connection, author, "", None, store.clock())
            done.verdicts += len(writer.write(verdicts))


def _add_items(
    connection: Connection, pictures: Sequence[AnnotatedPicture], done: Imported
) -> dict[tuple[str, int], int]:
    """Add pictures that are new; return (path, frame) → number of all of them."""
    keys = list(dict.fromkeys(_key(picture) for picture in pictures))
    known = _known_items(connection, keys)
    first = connection.scalar(select(func.coalesce(func.max(Item.place) + 1, 0))) or 0
    by_key = {_key(picture): picture for picture in reversed(pictures)}
    new = [key for key in keys if key not in known]
    rows = [
        {
            "path": path,
            "frame": frame,
            "place": first + number,
            "width": None if (size := by_key[path, frame].size) is None else size.width,
            "height": None if size is None else size.height,
            "decisions": 0,
            "extra": dict(by_key[path, frame].extra),
        }
        for number, (path, frame) in enumerate(new)
    ]
    if rows:
        connection.execute(insert(Item), rows)
        known |= _known_items(connection, new)
        done.pictures += len(rows)
    return known


def _known_items(
    connection: Connection, keys: Sequence[tuple[str, int]]
) -> dict[tuple[str, int], int]:
    wanted = set(keys)
    query = select(Item.path, Item.frame, Item.id)
    rows = _where_in(connection, query, Item.path, {path for path, _ in keys})
    return {(path, frame): number for path, frame, number in rows if (path, frame) in wanted}


def _new_labels(
    connection: Connection,
    pictures: Sequence[AnnotatedPicture],
    numbers: dict[tuple[str, int], int],
) -> list[_NewLabel]:
    """Labels that are not in the store, under keys that are free."""
    labels: dict[str, _NewLabel] = {}
    for picture in pictures:
        item = numbers[_key(picture)]
        for number, one in enumerate(picture.annotations):
            key = one.key or f"{one.method or one.origin}-{number}"
            content = one.as_json()
            action = _digest(_key(picture), key, one, content)
            labels.setdefault(action, _NewLabel(item, key, action, one, content))
    actions = _where_in(connection, select(Revision.action), Revision.action, labels)
    for (action,) in actions:
        del labels[action]
    taken = keys_in_use(connection, {label.item for label in labels.values()})
    free = []
    for label in labels.values():
        key = label.key
        if (label.item, key) in taken:
            key = f"{label.key}-{label.action[:8]}"
        taken.add((label.item, key))
        free.append(label._replace(key=key))
    return free


def keys_in_use(connection: Connection, items: Collection[int]) -> set[tuple[int, str]]:
    """Item and key of all labels and verdicts of some items, also those that were taken away."""
    heads = select(Head.item_id, Head.object)
    return {(item, key) for item, key in _where_in(connection, heads, Head.item_id, items)}


def _where_in(
    connection: Connection, query: Select[*tuple[Any, ...]], column: Any, values: Collection[Any]
) -> list[Row[*tuple[Any, ...]]]:
    """The rows whose column has one of many values."""
    left, rows = iter(values), list[Row[*tuple[Any, ...]]]()
    while some := list(islice(left, _VARIABLES)):
        rows += connection.execute(query.where(column.in_(some)))
    return rows


def _insert_labels(
    connection: Connection, labels: Sequence[_NewLabel], author: str, now: float
) -> None:
    schema = connection.scalar(select(Setting.value).where(Setting.name == "schema"))
    rows = [
        {
            "action": label.action,
            "item_id": label.item,
            "object": label.key,
            "content": label.content,
            "origin": str(label.annotation.origin),
            "method": label.annotation.method,
            "version": label.annotation.version,
            "author": author if label.annotation.origin is Origin.PERSON else "",
        }
        for label in labels
    ]
    insert_first_revisions(connection, rows, at=now, schema_id=schema)


def insert_first_revisions(
    connection: Connection, rows: Sequence[dict[str, Any]], **same: Any
) -> None:
    """Insert labels of everybody's layer that nobody can take back, with their heads.

    Args:
        connection: A transaction that writes, in which other imports wait for their turn.
        rows: Column → value of each revision; its key must be free in its item.
        same: Columns that are the same for all.

    """
    if not rows:
        return
    last = connection.scalar(select(func.max(Revision.id))) or 0
    same |= {"layer": "", "subject": str(Subject.LABEL), "stale": False, "batch": None}
    connection.execute(insert(Revision).values(**same), rows)
    connection.execute(
        insert(Head).from_select(
            ["item_id", "object", "subject", "layer", "revision_id", "place", "proposed"],
            select(
                Revision.item_id,
                Revision.object,
                Revision.subject,
                Revision.layer,
                Revision.id,
                Item.place,
                Revision.origin.not_in(OWN_ORIGINS),
            )
            .join(Item, Item.id == Revision.item_id)
            .where(Revision.id > last, Revision.batch.is_(None)),  # others write with a batch
        )
    )


def _key(picture: AnnotatedPicture) -> tuple[str, int]:
    return picture.path, NO_FRAME if picture.frame is None else picture.frame


def _digest(picture: tuple[str, int], key: str, one: Annotation, content: dict[str, Any]) -> str:
    """Identifier of a label, the same whenever it is imported, and into whichever store."""
    text = _JSON.encode([picture, key, content, str(one.origin), one.method, one.version])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:40]
