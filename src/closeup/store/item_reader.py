"""Reads items with the present state of their labels, and revisions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, select

from closeup.annotations import Annotation, LabelVerdict, Origin
from closeup.geometry import Size
from closeup.store.label_records import RevisionRecord, StoredItem, StoredLabel
from closeup.store.label_tables import NO_FRAME, WHOLE, Head, Item, Revision, Subject


def read_items(connection: Connection, numbers: Sequence[int], layer: str) -> dict[int, StoredItem]:
    """Items by number with the present state of their labels in a layer."""
    labels: dict[int, dict[str, StoredLabel]] = {}
    verdicts: dict[tuple[int, str], tuple[LabelVerdict | None, int]] = {}
    for row in _head_rows(connection, numbers, layer):
        if row.subject == Subject.VERDICT:
            said = LabelVerdict(row.content["verdict"]) if row.counts else None
            verdicts[row.item_id, row.object] = said, row.id
        elif row.content is not None:
            labels.setdefault(row.item_id, {})[row.object] = _stored_label(row)
        else:
            labels.get(row.item_id, {}).pop(row.object, None)
    rows = connection.execute(select(*Item.__table__.columns).where(Item.id.in_(numbers)))
    return {row.id: _stored_item(row, labels.get(row.id, {}), verdicts) for row in rows}


def _head_rows(connection: Connection, numbers: Sequence[int], layer: str) -> Iterable[Row[Any]]:
    """Heads with their revisions; those of everybody's layer come first."""
    columns = [column for column in Revision.__table__.columns if column.name != "layer"]
    query = (
        select(*columns, (Head.decisions > 0).label("counts"))
        .join(Head, Head.revision_id == Revision.id)
        .where(
            Head.item_id.in_(numbers),
            (Head.layer == layer) | ((Head.layer == "") & (Head.subject == Subject.LABEL)),
        )
        .order_by(Head.layer, Head.item_id, Head.object)
    )
    return connection.execute(query)


def _stored_label(row: Row[Any]) -> StoredLabel:
    annotation = Annotation.of_json(
        row.content,
        key=row.object,
        origin=Origin(row.origin),
        method=row.method,
        version=row.version,
    )
    return StoredLabel(row.object, row.id, annotation, row.author, row.at)


def _stored_item(
    row: Row[Any],
    labels: dict[str, StoredLabel],
    verdicts: dict[tuple[int, str], tuple[LabelVerdict | None, int]],
) -> StoredItem:
    none: tuple[LabelVerdict | None, int | None] = (None, None)
    own = (
        _judged(label, *verdicts.get((row.id, key), none)) for key, label in sorted(labels.items())
    )
    return StoredItem(
        id=row.id,
        path=row.path,
        frame=None if row.frame == NO_FRAME else row.frame,
        size=None if row.width is None else Size(row.width, row.height),
        place=row.place,
        labels=tuple(own),
        verdict=verdicts.get((row.id, WHOLE), none)[0],
        verdict_revision=verdicts.get((row.id, WHOLE), none)[1],
        extra=row.extra,
    )


def _judged(label: StoredLabel, verdict: LabelVerdict | None, revision: int | None) -> StoredLabel:
    return replace(
        label,
        annotation=replace(label.annotation, verdict=verdict),
        verdict_revision=revision,
    )


def read_revision(row: Row[Any]) -> RevisionRecord:
    """A row of the table of revisions as a record."""
    return RevisionRecord(
        id=row.id,
        batch=row.batch or "",
        item=row.item_id,
        layer=row.layer,
        object=row.object,
        subject=Subject(row.subject),
        content=row.content,
        origin=row.origin,
        method=row.method,
        version=row.version,
        author=row.author,
        at=row.at,
        base=row.base,
        undoes=row.undoes,
        stale=row.stale,
    )
