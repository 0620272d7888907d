"""The verdicts of a store: which label each of them judged, and where people disagree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from closeup.annotations import Annotation, LabelVerdict, Origin
from closeup.store.label_records import RevisionRecord
from closeup.store.label_store import LabelStore
from closeup.store.label_tables import WHOLE, Subject


@dataclass(frozen=True, slots=True)
class JudgedLabel:
    """A label as it was when people judged it.

    Attributes:
        item: Number of its picture or frame.
        revision: Number of its revision.
        annotation: The label, with its origin, method and version.
        bad: Whether people called it false.
        people: Number of people who judged it so.

    """

    item: int
    revision: int
    annotation: Annotation
    bad: bool
    people: int


@dataclass(frozen=True, slots=True)
class Judgements:
    """What people said of the labels of a store.

    Attributes:
        labels: Labels that were called true, or false, by all who judged them without seeing each
            other's verdicts.
        unsure: Number of labels of which nobody said either.
        contradicting: Number of labels that some called true and others false.

    """

    labels: tuple[JudgedLabel, ...]
    unsure: int
    contradicting: int


class _Owner(NamedTuple):
    """Whose verdict it is, and on which revision of a label.

    In everybody's layer, where each person sees the verdicts of the others, all have one verdict
    together, the newest.
    """

    layer: str
    label: int


def judgements(store: LabelStore) -> Judgements:
    """Read the newest verdict of each layer on each revision of a label.

    A verdict in everybody's layer settles what people said in their own layers. A label that was
    called false and then corrected keeps the verdict on what it was. A verdict that was taken back
    does not count, nor does one that came too late for a changed label.
    """
    said: dict[int, list[LabelVerdict]] = defaultdict(list)
    newest = _newest(store)
    for owner, verdict in newest.items():
        if not owner.layer or _Owner("", owner.label) not in newest:
            said[owner.label].append(verdict)
    labels, unsure, contradicting = [], 0, 0
    for record in _revisions(store):
        given = {one for one in said.get(record.id, ()) if one is not LabelVerdict.UNSURE}
        if len(given) > 1:
            contradicting += 1
        elif not given:
            unsure += record.id in said
        elif record.content is not None:
            labels.append(_judged(record, said[record.id], given.pop()))
    return Judgements(tuple(labels), unsure, contradicting)


def other_labels(
    store: LabelStore, said: Judgements
) -> tuple[list[JudgedLabel], list[JudgedLabel]]:
    """Labels in force, in everybody's layer, of which people said nothing.

    Returns:
        Labels that people set by hand, and proposals of methods and models; none counts as bad.

    """
    judged = {label.revision for label in said.labels}
    by_hand: list[JudgedLabel] = []
    proposed: list[JudgedLabel] = []
    for item in store.all_items():
        for label in item.labels:
            own = JudgedLabel(item.id, label.revision, label.annotation, bad=False, people=0)
            if label.revision in judged or label.annotation.verdict or label.annotation.absent:
                continue
            if label.annotation.origin is Origin.PERSON:
                by_hand.append(own)
            elif label.annotation.origin in {Origin.COARSE, Origin.MODEL}:
                proposed.append(own)
    return by_hand, proposed


def _judged(record: RevisionRecord, said: list[LabelVerdict], verdict: LabelVerdict) -> JudgedLabel:
    annotation = Annotation.of_json(
        record.content or {},
        key=record.object, origin=Origin(record.origin),
        method=record.method, version=record.version,
    )  # fmt: skip
    bad = verdict is LabelVerdict.FALSE
    return JudgedLabel(record.item, record.id, annotation, bad, said.count(verdict))


def _newest(store: LabelStore) -> dict[_Owner, LabelVerdict]:
    newest: dict[_Owner, LabelVerdict] = {}
    owners: dict[int, _Owner] = {}
    """Revision of a verdict → whose it is."""
    for record in _revisions(store):
        if record.subject is not Subject.VERDICT or record.object == WHOLE or record.stale:
            continue
        before = owners.get((record.base if record.undoes is None else record.undoes) or 0)
        taken_back = record.content is None or record.undoes is not None
        if before is not None and taken_back:
            newest.pop(before, None)
        content = record.content or {}
        if content.get("judges") is not None:
            owner = _Owner(record.layer, int(content["judges"]))
            owners[record.id] = owner
            newest[owner] = LabelVerdict(content["verdict"])
        elif before is not None:
            owners[record.id] = before
    return newest


def _revisions(store: LabelStore) -> Iterator[RevisionRecord]:
    after = 0
    while records := store.revisions(after):
        yield from records
        after = records[-1].id
