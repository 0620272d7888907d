"""Puts many pictures and proposed labels into the store at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, insert, select

from closeup.annotations import AnnotatedPicture, Annotation
from closeup.store.label_records import Change
from closeup.store.label_store import LabelStore
from closeup.store.label_tables import NO_FRAME, Head, Item, Revision, Setting, Subject
from closeup.store.revision_writer import is_proposed

_CHUNK = 5000
"""Pictures that are written in one transaction."""
_VARIABLES = 10_000
"""Values that one query names."""


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
    annotation: Annotation
    key: str
    action: str


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
    now = store.clock()
    with store.database.writing() as connection:
        places = _add_items(connection, pictures, done)
        labels = _new_labels(connection, pictures, places)
        _insert_labels(connection, labels, author, now)
        done.labels += len(labels)
    verdicts = [
        Change.of_verdict(f"{label.action}v", label.item, label.annotation.verdict, label.key)
        for label in labels
        if label.annotation.verdict is not None
    ]
    done.verdicts += len(store.write(verdicts, author))


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
    known: dict[tuple[str, int], int] = {}
    wanted, paths = set(keys), list({path for path, _ in keys})
    for begin in range(0, len(paths), _VARIABLES):
        query = select(Item.path, Item.frame, Item.id)
        some = paths[begin : begin + _VARIABLES]
        for path, frame, number in connection.execute(query.where(Item.path.in_(some))):
            if (path, frame) in wanted:
                known[path, frame] = number
    return known


def _new_labels(
    connection: Connection,
    pictures: Sequence[AnnotatedPicture],
    places: dict[tuple[str, int], int],
) -> list[_NewLabel]:
    """Labels that are not in the store, under keys that are free."""
    labels: dict[str, _NewLabel] = {}
    for picture in pictures:
        item = places[_key(picture)]
        for number, one in enumerate(picture.annotations):
            key = one.key or f"{one.method or one.origin}-{number}"
            action = _digest(_key(picture), key, one)
            labels.setdefault(action, _NewLabel(item, one, key, action))
    known = set(_in_chunks(connection, list(labels), Revision.action))
    new = [label for action, label in labels.items() if action not in known]
    taken = keys_in_use(connection, [label.item for label in new])
    free = []
    for label in new:
        key = label.key
        if (label.item, key) in taken:
            key = f"{label.key}-{label.action[:8]}"
        taken.add((label.item, key))
        free.append(label._replace(key=key))
    return free


def keys_in_use(connection: Connection, items: Sequence[int]) -> set[tuple[int, str]]:
    """Item and key of all labels and verdicts of some items."""
    numbers = list(set(items))
    taken: set[tuple[int, str]] = set()
    for begin in range(0, len(numbers), _VARIABLES):
        query = select(Head.item_id, Head.object).where(
            Head.item_id.in_(numbers[begin : begin + _VARIABLES])
        )
        taken |= {(item, key) for item, key in connection.execute(query)}
    return taken


def _in_chunks(connection: Connection, values: Sequence[str], column: Any) -> Iterable[str]:
    for begin in range(0, len(values), _VARIABLES):
        some = values[begin : begin + _VARIABLES]
        yield from connection.scalars(select(column).where(column.in_(some)))


def _insert_labels(
    connection: Connection, labels: Sequence[_NewLabel], author: str, now: float
) -> None:
    schema = connection.scalar(select(Setting.value).where(Setting.name == "schema"))
    rows = [
        {
            "action": label.action,
            "batch": f"import-{now}",
            "item_id": label.item,
            "layer": "",
            "object": label.key,
            "subject": str(Subject.LABEL),
            "content": label.annotation.as_json(),
            "origin": str(label.annotation.origin),
            "method": label.annotation.method,
            "version": label.annotation.version,
            "author": author if label.annotation.origin == "person" else "",
            "at": now,
            "stale": False,
            "schema_id": schema,
        }
        for label in labels
    ]
    insert_proposals(connection, rows)


def insert_proposals(connection: Connection, rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Insert first revisions of labels, whose keys are free, with their heads.

    Args:
        connection: A transaction that writes.
        rows: Column → value of each revision.

    Returns:
        Action → number of the revision.

    """
    if not rows:
        return {}
    connection.execute(insert(Revision), rows)
    actions = [row["action"] for row in rows]
    numbers: dict[str, int] = {}
    for begin in range(0, len(actions), _VARIABLES):
        some = actions[begin : begin + _VARIABLES]
        query = select(Revision.action, Revision.id).where(Revision.action.in_(some))
        numbers |= {row.action: row.id for row in connection.execute(query)}
    places = _places(connection, [row["item_id"] for row in rows])
    heads = [
        {
            "item_id": row["item_id"],
            "object": row["object"],
            "subject": str(Subject.LABEL),
            "layer": row["layer"],
            "revision_id": numbers[row["action"]],
            "place": places[row["item_id"]],
            "proposed": is_proposed(Subject.LABEL, row["origin"], row["content"]),
            "decisions": 0,
        }
        for row in rows
    ]
    connection.execute(insert(Head), heads)
    return numbers


def _places(connection: Connection, items: Sequence[int]) -> dict[int, int]:
    numbers = list(set(items))
    places: dict[int, int] = {}
    for begin in range(0, len(numbers), _VARIABLES):
        query = select(Item.id, Item.place).where(Item.id.in_(numbers[begin : begin + _VARIABLES]))
        places |= {row.id: row.place for row in connection.execute(query)}
    return places


def _key(picture: AnnotatedPicture) -> tuple[str, int]:
    return picture.path, NO_FRAME if picture.frame is None else picture.frame


def _digest(picture: tuple[str, int], key: str, one: Annotation) -> str:
    """Identifier of a label, the same whenever it is imported, into whichever store."""
    said = [picture, key, one.as_json(), str(one.origin), one.method, one.version]
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:40]
