"""The ranking of suspicious labels, and the queue that is made of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from closeup.annotations import AnnotatedPicture, Annotation, LabelVerdict
from closeup.labelling.suspicions import (
    Suspicion,
    checked_labels,
    fill_suspicious,
    find_suspicions,
    ranked,
)
from closeup.store.database import open_database
from closeup.store.label_import import import_pictures
from closeup.store.label_queue import LabelQueue, Unit, Units, queue_reasons
from closeup.store.label_records import LabelChange, StoredItem
from closeup.store.label_store import LabelStore
from tests.labelling.items import boxed, item


def test_several_suspicions_of_one_label_add_up() -> None:
    one, other = Unit(1, "a"), Unit(2, "a")
    found = ranked(
        [
            Suspicion(one, "x", 0.5, "first"),
            Suspicion(other, "x", 0.6, "alone"),
            Suspicion(one, "y", 0.6, "second"),
        ]
    )
    assert [(entry.unit, entry.reason) for entry in found] == [
        (one, "second; first"), (other, "alone"),
    ]  # fmt: skip
    assert found[0].weight == pytest.approx(0.8)


def test_labels_that_are_known_to_be_false_are_not_checked() -> None:
    labels = boxed((0, 0, 9, 9)), boxed((1, 1, 9, 9)), boxed((2, 2, 9, 9))
    judged = replace(labels[0], verdict=LabelVerdict.FALSE)
    gone = replace(labels[1], absent=True)
    assert [one.object for one in checked_labels(item(1, judged, gone, labels[2]))] == ["2"]


class LateCheck:
    """Suspects the first picture, at the end."""

    def __init__(self) -> None:
        self.first: StoredItem | None = None

    def look(self, item: StoredItem) -> Iterable[Suspicion]:
        self.first = self.first or item
        return ()

    def finish(self) -> Iterable[Suspicion]:
        assert self.first is not None
        return [Suspicion(Unit(self.first.id, "a"), "late", 0.5, "the first")]


def test_the_queue_goes_from_the_most_suspicious_on(tmp_path: Path) -> None:
    label = Annotation(box=(0, 0, 9, 9), key="a")
    database = open_database(tmp_path / "labels.db")
    store = LabelStore(database)
    import_pictures(store, [AnnotatedPicture(f"{n}.jpg", annotations=(label,)) for n in range(3)])

    class EarlyCheck(LateCheck):
        def look(self, item: StoredItem) -> Iterable[Suspicion]:
            super().look(item)
            return [Suspicion(Unit(item.id, "a"), "early", item.id / 10, f"item {item.id}")]

    found = find_suspicions(store, [EarlyCheck()])
    assert fill_suspicious(store, found, "odd") == 3
    queue = LabelQueue(database, Units.LABELS, name="odd")
    units = queue.after(None, 9)
    assert units == [Unit(1, "a"), Unit(3, "a"), Unit(2, "a")]
    assert queue_reasons(database, "odd", units)[Unit(1, "a")] == "the first; item 1"
    # What is decided after the queue was made is done, what was before is not.
    assert queue.counts().decided == 0
    store.write([LabelChange.of_verdict("v", 3, LabelVerdict.TRUE, "a")], "Ann")
    assert queue.after(None, 9, undecided=True) == [Unit(1, "a"), Unit(2, "a")]
    fill_suspicious(store, found, "odd")
    assert queue.counts().decided == 0
    database.close()
