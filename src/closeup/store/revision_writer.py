"""Writes revisions of labels and verdicts, and keeps their heads, within a transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, and_, exists, insert, select, update
from sqlalchemy.orm import aliased

from closeup.annotations import Origin
from closeup.errors import InputError
from closeup.store.label_records import LabelChange, Written
from closeup.store.label_tables import WHOLE, Head, Item, Revision, Setting, Subject

OWN_ORIGINS = (Origin.PERSON, Origin.INTERPOLATED)
"""Origins of labels that nobody needs to judge."""
_LOCKED = 10_000
"""Items that one query locks."""


class _Newest(NamedTuple):
    """The newest revision of a label or verdict, the layer in which it is, and its verdicts."""

    revision: int
    layer: str
    decisions: int


class RevisionWriter:
    """Writes changes of one person.

    Args:
        connection: A transaction that writes; the caller ends it.
        author: The person; empty for a program.
        layer: The layer of the labels.
        batch: Identifier of the changes that are undone together; None if nobody takes them back.
        now: Seconds since 1970, UTC.

    """

    def __init__(
        self, connection: Connection, author: str, layer: str, batch: str | None, now: float
    ) -> None:
        self._connection = connection
        self._author = author
        self._layer = layer
        self._batch = batch
        self._now = now
        self._places: dict[int, int] = {}
        self._schema = connection.scalar(select(Setting.value).where(Setting.name == "schema"))

    def write(self, changes: Sequence[LabelChange]) -> list[Written]:
        """Write changes; see :meth:`closeup.store.label_store.LabelStore.write`."""
        self._lock(change.item for change in changes)
        return [self._earlier(change.action) or self._changed(change) for change in changes]

    def undo(self) -> list[tuple[int, Written]]:
        """Take back the last batch; see :meth:`closeup.store.label_store.LabelStore.undo`."""
        rows = self._last_batch()
        while True:
            self._lock(row.item_id for row in rows)
            sent_before = self._revisions(Revision.batch == self._batch)
            if sent_before:
                return [(row.item_id, self._outcome(row)) for row in sent_before]
            # The author may have done or undone something else before the items were locked.
            latest = self._last_batch()
            if latest == rows:
                return [(row.item_id, self._take_back(row)) for row in rows]
            rows = latest

    def repeat(self, values: dict[str, Any], *, stale: bool) -> Written:
        """Write a revision of another store with all its columns.

        Args:
            values: Column → value, with the numbers of this store. The revision is stale if its
                base is not the newest one here, or a verdict judges another one of its label.
            stale: Whether it was stale there.

        Raises:
            InputError: the item does not exist.

        """
        self._lock([values["item_id"]])
        judges = (values["content"] or {}).get("judges")
        if judges is not None and values["subject"] == Subject.VERDICT:
            label = self._head({**values, "subject": Subject.LABEL})
            own = None if label is None else self._original(label.revision)
            stale = stale or own != self._original(judges)
        return self._written(values, is_newest=not stale)

    def _lock(self, items: Iterable[int]) -> None:
        """Keep other writers from items until the transaction ends, and note their places."""
        # All writers lock in the order of numbers, so that no two of them wait for each other.
        numbers = sorted(set(items) - self._places.keys())
        for begin in range(0, len(numbers), _LOCKED):
            some = numbers[begin : begin + _LOCKED]
            query = select(Item.id, Item.place).where(Item.id.in_(some)).order_by(Item.id)
            locked = self._connection.execute(query.with_for_update(key_share=True))
            self._places |= dict(locked.all())
        for number in numbers:
            if number not in self._places:
                raise InputError(
                    f"there is no item {number} in the store of labels; load the page anew"
                )

    def _revisions(self, condition: Any) -> Sequence[Row[Any]]:
        query = select(*Revision.__table__.columns).where(condition)
        return self._connection.execute(query.order_by(Revision.id)).all()

    def _last_batch(self) -> list[Row[Any]]:
        """The revisions that are to be taken back next, the newest first."""
        undone = aliased(Revision)
        mine = and_(
            Revision.author == self._author,
            Revision.layer == self._layer,
            Revision.batch.is_not(None),
            Revision.undoes.is_(None),
            Revision.stale.is_(False),
            ~exists().where(undone.undoes == Revision.id),
        )
        newest = select(Revision.batch).where(mine).order_by(Revision.id.desc()).limit(1)
        batch = self._connection.scalar(newest)
        if batch is None:
            return []
        return list(reversed(self._revisions(and_(Revision.batch == batch, mine))))

    def _take_back(self, row: Row[Any]) -> Written:
        """Write the content that a revision replaced, under an action that its writer can name."""
        subject = {name: getattr(row, name) for name in ("item_id", "object", "subject")}
        head = self._head(subject)
        columns = ("content", "origin", "method", "version")
        before: dict[str, Any] = {"content": None, "origin": row.origin}
        if row.base is not None:
            (base,) = self._revisions(Revision.id == row.base)
            before = {name: getattr(base, name) for name in columns}
        # Undoing what came later has brought this revision back.
        is_back = head is not None and self._original(head.revision) == row.id
        return self._written(
            {
                "action": f"{self._batch}~{row.action}",
                **subject,
                "base": head.revision if head is not None and is_back else row.id,
                "undoes": row.id,
                **before,
            }
        )

    def _original(self, revision: int | None) -> int | None:
        """The revision whose content another one has, after any number of undoings."""
        while revision is not None:
            undone = aliased(Revision)
            query = select(undone.base).join(Revision, Revision.undoes == undone.id)
            row = self._connection.execute(query.where(Revision.id == revision)).first()
            if row is None:
                return revision
            revision = row.base
        return None

    def _earlier(self, action: str) -> Written | None:
        """The outcome of an action that was written before; None if it was not."""
        rows = self._revisions(Revision.action == action)
        return self._outcome(rows[0]) if rows else None

    def _outcome(self, row: Row[Any]) -> Written:
        """The outcome of a revision that was written before, as it would be reported now."""
        head = self._head({"item_id": row.item_id, "object": row.object, "subject": row.subject})
        return Written(row.id, row.stale, row.id if head is None else head.revision)

    def _changed(self, change: LabelChange) -> Written:
        base = change.base
        if isinstance(base, str):
            base = self._connection.scalar(select(Revision.id).where(Revision.action == base))
        values = {
            "action": change.action,
            "item_id": change.item,
            "object": change.object,
            "subject": str(change.subject),
            "base": base,
        }
        if change.subject is Subject.VERDICT:
            return self._judged(change, values)
        one = change.annotation
        if one is None:
            return self._written({**values, "content": None, "origin": str(Origin.PERSON)})
        origin = {"origin": str(one.origin), "method": one.method, "version": one.version}
        return self._written({**values, "content": one.as_json(), **origin})

    def _judged(self, change: LabelChange, values: dict[str, Any]) -> Written:
        """Write a verdict, which is stale if its label is not the one that was judged."""
        label, is_newest = None, True
        if change.object != WHOLE:
            label = self._head({**values, "subject": Subject.LABEL})
            if label is None:
                raise InputError(
                    f"item {change.item} has no label {change.object!r}; load the page anew"
                )
        if label is not None and change.judges is not None:
            is_newest = self._original(label.revision) == self._original(change.judges)
        newest = None if label is None else label.revision
        content = None
        if change.verdict is not None:
            content = {"verdict": str(change.verdict), "judges": change.judges or newest}
        values |= {"content": content, "origin": str(Origin.PERSON)}
        return self._written(values, is_newest=is_newest)

    def _written(self, values: dict[str, Any], *, is_newest: bool = True) -> Written:
        head = self._head(values)
        if values["base"] is None and head is not None and self._is_gone(head.revision):
            # The writer saw nothing, and there is nothing: what was taken away is set anew.
            values = {**values, "base": head.revision}
        stale = not is_newest or (head is not None and head.revision != values["base"])
        revision = self._insert(values, stale)
        if not stale:
            self._move_head(values, revision, head)
        return Written(revision, stale, head.revision if stale and head is not None else revision)

    def _is_gone(self, revision: int) -> bool:
        """Whether a revision took its label or verdict away."""
        query = select(Revision.id).where(Revision.id == revision, Revision.content.is_(None))
        return self._connection.scalar(query) is not None

    def _head(self, of: dict[str, Any]) -> _Newest | None:
        """The head in this layer, or for a label in everybody's if this layer has none."""
        layers = {self._layer, ""} if of["subject"] == Subject.LABEL else {self._layer}
        query = (
            select(Head.revision_id, Head.layer, Head.decisions)
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
        row = {
            "author": self._author,
            "layer": self._layer,
            "batch": self._batch,
            "at": self._now,
            "stale": stale,
            "schema_id": self._schema,
            **values,
        }
        query = insert(Revision).values(row).returning(Revision.id)
        return int(self._connection.execute(query).scalar_one())

    def _move_head(self, values: dict[str, Any], revision: int, head: _Newest | None) -> None:
        key = {name: values[name] for name in ("item_id", "object", "subject")}
        is_label, is_there = values["subject"] == Subject.LABEL, values["content"] is not None
        by_program = is_label and is_there and values["origin"] not in OWN_ORIGINS
        now = {
            "revision_id": revision,
            "proposed": by_program and not self._layer,
            "decisions": 0 if head is None else head.decisions,
        }
        if not is_label:
            label = self._head({**key, "subject": Subject.LABEL})
            now["decisions"] = int(self._counts(values["content"], label and label.revision))
            self._count(key, now["decisions"] - (0 if head is None else head.decisions))
        if head is not None and head.layer == self._layer:
            same = [getattr(Head, name) == value for name, value in key.items()]
            self._connection.execute(
                update(Head).where(*same, Head.layer == self._layer).values(now)
            )
        else:
            row = {**key, **now, "layer": self._layer, "place": self._places[key["item_id"]]}
            self._connection.execute(insert(Head).values(row))
        if is_label:
            self._count(key, self._count_verdicts_again(key, revision))

    def _count(self, key: dict[str, Any], change: int) -> None:
        """Keep the number of verdicts that count of an item or label."""
        if change and key["object"] == WHOLE:
            items = update(Item).where(Item.id == key["item_id"])
            self._connection.execute(items.values(decisions=Item.decisions + change))
        elif change:
            labels = update(Head).where(
                Head.item_id == key["item_id"],
                Head.object == key["object"],
                Head.subject == Subject.LABEL,
            )
            self._connection.execute(labels.values(decisions=Head.decisions + change))

    def _count_verdicts_again(self, key: dict[str, Any], label: int) -> int:
        """A verdict on a label that has changed does not count, until the label is back.

        Returns:
            By how many the verdicts that count have become more.

        """
        verdicts = (
            select(Head.layer, Head.decisions, Revision.content)
            .join(Revision, Revision.id == Head.revision_id)
            .where(
                Head.item_id == key["item_id"],
                Head.object == key["object"],
                Head.subject == Subject.VERDICT,
                Head.layer.in_(self._layers_that_see(key)),
            )
        )
        change = 0
        for layer, before, content in self._connection.execute(verdicts).all():
            counts = int(self._counts(content, label))
            change += counts - before
            same = [getattr(Head, name) == key[name] for name in ("item_id", "object")]
            verdict = (*same, Head.subject == Subject.VERDICT, Head.layer == layer)
            self._connection.execute(update(Head).where(*verdict).values(decisions=counts))
        return change

    def _counts(self, content: dict[str, Any] | None, label: int | None) -> bool:
        """Whether a verdict says something of the present revision of its label.

        Args:
            content: Content of the verdict's revision.
            label: Revision of the label; None for a verdict on a whole item.

        """
        if content is None or label is None:
            return content is not None
        judged = content["judges"]
        return judged == label or self._original(judged) == self._original(label)

    def _layers_that_see(self, key: dict[str, Any]) -> list[str]:
        """Layers in which a label of this layer is the present one."""
        if self._layer:
            return [self._layer]
        query = select(Head.layer, Head.subject).where(
            Head.item_id == key["item_id"], Head.object == key["object"]
        )
        heads = self._connection.execute(query).all()
        with_own = {layer for layer, subject in heads if layer and subject == Subject.LABEL}
        return list({layer for layer, _ in heads} - with_own)
