"""Writes revisions of labels and verdicts, and keeps their heads, within a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import uuid4

from sqlalchemy import Connection, Row, and_, delete, exists, insert, select, update
from sqlalchemy.orm import aliased

from closeup.annotations import Origin
from closeup.errors import InputError
from closeup.store.label_records import Change, Written
from closeup.store.label_tables import (
    LONGEST_ACTION,
    WHOLE,
    Head,
    Item,
    Revision,
    Setting,
    Subject,
)

_OWN = (Origin.PERSON, Origin.INTERPOLATED)
"""Origins of labels that nobody needs to judge."""


class _Newest(NamedTuple):
    """The newest revision of a label or verdict, and the layer in which it is."""

    revision: int
    layer: str


class RevisionWriter:
    """Writes changes of one person.

    Args:
        connection: A transaction that writes; the caller ends it.
        author: The person; empty for a program.
        layer: The layer of the labels.
        batch: Identifier of the changes that are undone together.
        now: Seconds since 1970, UTC.

    """

    def __init__(
        self, connection: Connection, author: str, layer: str, batch: str, now: float
    ) -> None:
        self._connection = connection
        self._author = author
        self._layer = layer
        self._batch = batch
        self._now = now
        self._schema = connection.scalar(select(Setting.value).where(Setting.name == "schema"))

    def write(self, change: Change) -> Written:
        """Write a change; see :meth:`closeup.store.label_store.LabelStore.write`."""
        values = {
            "action": change.action,
            "item_id": change.item,
            "object": change.object,
            "subject": str(change.subject),
            "base": self._base(change),
            **self._content(change),
        }
        return self._written(values)

    def undo(self) -> list[tuple[int, Written]]:
        """Take back the last batch; see :meth:`closeup.store.label_store.LabelStore.undo`."""
        done = self._connection.execute(
            select(*Revision.__table__.columns).where(Revision.batch == self._batch)
        ).all()
        if done:  # sent before
            return [(row.item_id, self._outcome(row)) for row in done]
        return [(row.item_id, self._take_back(row)) for row in self._last_batch()]

    def repeat(self, values: dict[str, Any], *, stale: bool) -> Written:
        """Write a revision of another store with all its columns.

        Args:
            values: Column → value, with the numbers of this store. It is stale if its base is not
                the newest revision here, or it judges another revision of a label than that.
            stale: Whether it was stale there.

        """
        judges = (values["content"] or {}).get("judges")
        if judges is not None and values["subject"] == Subject.VERDICT:
            label = self._head({**values, "subject": Subject.LABEL})
            stale = stale or label is None or label.revision != judges
        return self._written(values, stale=stale)

    def _last_batch(self) -> Sequence[Row[Any]]:
        undone = aliased(Revision)
        mine = and_(
            Revision.author == self._author,
            Revision.layer == self._layer,
            Revision.undoes.is_(None),
            Revision.stale.is_(False),
            ~exists().where(undone.undoes == Revision.id),
        )
        newest = select(Revision.batch).where(mine).order_by(Revision.id.desc()).limit(1)
        batch = self._connection.scalar(newest)
        if batch is None:
            return []
        rows = select(*Revision.__table__.columns).where(mine, Revision.batch == batch)
        return self._connection.execute(rows.order_by(Revision.id.desc())).all()

    def _take_back(self, row: Row[Any]) -> Written:
        """Write the content that a revision replaced."""
        subject = {name: getattr(row, name) for name in ("item_id", "object", "subject")}
        head = self._head(subject)
        columns = ("content", "origin", "method", "version")
        before: dict[str, Any] = {"content": None, "origin": row.origin}
        if row.base is not None:
            found = self._connection.execute(
                select(*(getattr(Revision, name) for name in columns)).where(
                    Revision.id == row.base
                )
            ).one()
            before = dict(zip(columns, found, strict=True))
        # The writer can name this revision as a base before it knows the number.
        action = f"{self._batch}~{row.action}"
        return self._written(
            {
                "action": action if len(action) <= LONGEST_ACTION else uuid4().hex,
                **subject,
                "base": row.id if head is None else self._seen(head.revision, row.id),
                "undoes": row.id,
                **before,
            }
        )

    def _seen(self, newest: int, undone: int) -> int:
        """The newest revision if undoing has brought ``undone`` back by it, else ``undone``."""
        number: int | None = newest
        while number is not None and number != undone:
            later = aliased(Revision)
            query = select(later.base).join(Revision, Revision.undoes == later.id)
            number = self._connection.scalar(query.where(Revision.id == number))
        return undone if number is None else newest

    def _written(self, values: dict[str, Any], *, stale: bool = False) -> Written:
        place = self._lock(values["item_id"])
        if (earlier := self._earlier(values["action"])) is not None:
            return earlier
        head = self._head(values)
        newest = None if head is None else head.revision
        stale = stale or newest != values["base"]
        revision = self._insert(values, stale)
        if not stale:
            self._move_head(values, revision, head, place)
        return Written(revision, stale, newest if stale and newest is not None else revision)

    def _earlier(self, action: str) -> Written | None:
        """The outcome of an action that was written before; None if it was not."""
        row = self._connection.execute(
            select(*Revision.__table__.columns).where(Revision.action == action)
        ).first()
        return None if row is None else self._outcome(row)

    def _outcome(self, row: Row[Any]) -> Written:
        """The outcome of a revision that was written before, as it would be told now."""
        head = self._head({"item_id": row.item_id, "object": row.object, "subject": row.subject})
        return Written(row.id, row.stale, row.id if head is None else head.revision)

    def _base(self, change: Change) -> int | None:
        if isinstance(change.base, int) or change.base is None:
            return change.base
        return self._connection.scalar(select(Revision.id).where(Revision.action == change.base))

    def _content(self, change: Change) -> dict[str, Any]:
        """Columns of a revision that say what it states."""
        one = change.annotation
        if change.subject is Subject.LABEL and one is not None:
            origin = {"origin": str(one.origin), "method": one.method, "version": one.version}
            return {"content": one.as_json(), **origin}
        verdict = None
        if change.verdict is not None:
            of = {"item_id": change.item, "object": change.object, "subject": Subject.LABEL}
            head = self._head(of) if change.judges is None else None
            judged = change.judges if head is None else head.revision
            verdict = {"verdict": str(change.verdict), "judges": judged}
        return {"content": verdict, "origin": str(Origin.PERSON)}

    def _lock(self, item: int) -> int:
        """Keep other writers from an item until the transaction ends; return its place."""
        query = select(Item.place).where(Item.id == item).with_for_update()
        place = self._connection.scalar(query)
        if place is None:
            raise InputError(f"there is no item {item} in the store of labels; load the page anew")
        return place

    def _head(self, of: dict[str, Any]) -> _Newest | None:
        """The head in this layer, or for a label in everybody's if this layer has none."""
        layers = {self._layer, ""} if of["subject"] == Subject.LABEL else {self._layer}
        query = (
            select(Head.revision_id, Head.layer)
            .where(
                Head.item_id == of["item_id"],
                Head.object == of["object"],
                Head.subject == of["subject"],
                Head.layer.in_(layers),
            )
            .order_by(Head.layer.desc())
        )
        row = self._connection.execute(query).first()
        return None if row is None else _Newest(*row)

    def _insert(self, values: dict[str, Any], stale: bool) -> int:
        query = insert(Revision).values(
            {
                "method": "",
                "version": "",
                "author": self._author,
                "layer": self._layer,
                "batch": self._batch,
                "at": self._now,
                "stale": stale,
                "schema_id": self._schema,
                **values,
            }
        )
        return int(self._connection.execute(query.returning(Revision.id)).scalar_one())

    def _move_head(
        self, values: dict[str, Any], revision: int, head: _Newest | None, place: int
    ) -> None:
        key = {name: values[name] for name in ("item_id", "object", "subject")}
        now = {
            "revision_id": revision,
            "proposed": is_proposed(values["subject"], values["origin"], values["content"]),
        }
        if values["subject"] == Subject.VERDICT:
            self._count(values, head)
        else:
            self._drop_verdicts(key, now)
        if head is not None and head.layer == self._layer:
            same = [getattr(Head, name) == value for name, value in key.items()]
            self._connection.execute(
                update(Head).where(*same, Head.layer == self._layer).values(now)
            )
        else:
            row = {**key, **now, "layer": self._layer, "place": place, "decisions": 0}
            self._connection.execute(insert(Head).values(row))

    def _count(self, values: dict[str, Any], head: _Newest | None) -> None:
        """Keep the number of layers with a verdict on an item or label."""
        before = head is not None and self._has_content(head.revision)
        change = (values["content"] is not None) - before
        if not change:
            return
        if values["object"] == WHOLE:
            counted = update(Item).where(Item.id == values["item_id"])
            self._connection.execute(counted.values(decisions=Item.decisions + change))
            return
        labels = update(Head).where(
            Head.item_id == values["item_id"],
            Head.object == values["object"],
            Head.subject == Subject.LABEL,
        )
        self._connection.execute(labels.values(decisions=Head.decisions + change))

    def _drop_verdicts(self, key: dict[str, Any], now: dict[str, Any]) -> None:
        """A label that changes awaits a new verdict; the revisions keep the old one."""
        same = (Head.item_id == key["item_id"], Head.object == key["object"])
        verdicts = (*same, Head.subject == Subject.VERDICT, Head.layer == self._layer)
        if self._connection.execute(delete(Head).where(*verdicts)).rowcount:
            now["decisions"] = 0

    def _has_content(self, revision: int) -> bool:
        query = select(Revision.content).where(Revision.id == revision)
        return self._connection.scalar(query) is not None


def is_proposed(subject: str, origin: str, content: object) -> bool:
    """Whether a head is a label that people may judge."""
    return subject == Subject.LABEL and origin not in _OWN and content is not None
