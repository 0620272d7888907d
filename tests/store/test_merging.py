"""Merging stores: everything of the other one, once, with its order and its conflicts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from closeup.annotations import AnnotatedPicture, Annotation, KeyPoint, LabelVerdict, Origin
from closeup.errors import Cancelled
from closeup.geometry import Size
from closeup.progress import Cancellable, Silent
from closeup.store import merging
from closeup.store.database import open_database
from closeup.store.label_import import import_pictures
from closeup.store.label_records import LabelChange, RevisionRecord
from closeup.store.label_store import LabelStore
from closeup.store.merging import MergeConflict, Merged, merge_stores

TRUE, FALSE = LabelVerdict.TRUE, LabelVerdict.FALSE
PROPOSAL = Annotation(
    points={"pupil": KeyPoint(3.5, 4.25)}, key="net", origin=Origin.MODEL, method="net", version="1"
)


def by_hand(x: float) -> Annotation:
    return Annotation(points={"pupil": KeyPoint(x, 5.0)}, origin=Origin.PERSON, method="hand")


@pytest.fixture
def other(tmp_path: Path) -> Iterator[LabelStore]:
    database = open_database(tmp_path / "other.db")
    yield LabelStore(database, lambda: 77.0)
    database.close()


def fill(store: LabelStore, *paths: str, proposal: Annotation = PROPOSAL) -> None:
    import_pictures(
        store, [AnnotatedPicture(path, size=Size(9, 9), annotations=(proposal,)) for path in paths]
    )


def item(store: LabelStore, path: str) -> int:
    number = store.number(path)
    assert number is not None
    return number


def merge(source: LabelStore, target: LabelStore) -> Merged:
    return merge_stores(source, target, Silent())


def state(store: LabelStore) -> dict[str, object]:
    return {
        one.path: (
            {label.object: (label.annotation, label.author, label.at) for label in one.labels},
            one.verdict,
            one.size,
        )
        for one in store.all_items()
    }


def comparable(store: LabelStore) -> list[RevisionRecord]:
    """Revisions with the number of each replaced by its place, and those of items by paths."""
    places = {record.id: number for number, record in enumerate(store.revisions())}

    def place(number: int | None) -> int | None:
        return None if number is None else places[number]

    return [
        replace(one, id=places[one.id], base=place(one.base), undoes=place(one.undoes))
        for one in store.revisions()
    ]


def work(store: LabelStore) -> None:
    """Verdicts, corrections, a label of one's own, an undoing, and a layer."""
    a, b = item(store, "a.jpg"), item(store, "b.jpg")
    store.write([LabelChange.of_verdict("v1", a, TRUE, "net")], "Ann")
    store.write([LabelChange.of_label("l1", b, "net", by_hand(1), base="none")], "Ann")
    base = store.history(b)[0].id
    store.write([LabelChange.of_label("l2", b, "net", by_hand(2), base=base)], "Ann")
    store.write([LabelChange.of_label("l3", b, "net", by_hand(3), base="l2")], "Ann")
    store.undo("Ann", "u1")
    store.write([LabelChange.of_label("new", a, "own", by_hand(4))], "Ann")
    store.write([LabelChange.of_verdict("v2", b, FALSE, "net")], "Bob", layer="Bob")
    store.write([LabelChange.of_verdict("v3", a, TRUE)], "Ann")


def test_an_empty_store_becomes_the_same_as_the_other(
    label_store: LabelStore, other: LabelStore
) -> None:
    fill(other, "a.jpg", "b.jpg")
    work(other)
    merged = merge(other, label_store)
    assert merged == Merged(2, len(other.revisions()), [])
    assert state(label_store) == state(other)
    ours, theirs = comparable(label_store), comparable(other)
    assert [replace(one, item=0, content=None) for one in ours] == [
        replace(one, item=0, content=None) for one in theirs
    ]


def test_a_second_merge_changes_nothing(label_store: LabelStore, other: LabelStore) -> None:
    fill(other, "a.jpg", "b.jpg")
    fill(label_store, "b.jpg", "c.jpg")
    work(other)
    merge(other, label_store)
    before = label_store.revisions()
    assert merge(other, label_store) == Merged()
    assert label_store.revisions() == before


def test_numbers_may_differ_but_proposals_are_the_same_ones(
    label_store: LabelStore, other: LabelStore
) -> None:
    fill(other, "a.jpg", "b.jpg")
    fill(label_store, "c.jpg", "b.jpg", "a.jpg")
    assert merge(other, label_store) == Merged()
    other.write([LabelChange.of_verdict("v", item(other, "b.jpg"), TRUE, "net")], "Ann")
    assert merge(other, label_store) == Merged(0, 1, [])
    (found,) = label_store.items([item(label_store, "b.jpg")])
    assert found.labels[0].annotation.verdict is TRUE
    assert found.labels[0].at != 77.0
    verdict = label_store.history(found.id)[-1]
    assert verdict.at == 77.0
    assert verdict.content == {"verdict": "true", "judges": found.labels[0].revision}


def test_undoing_goes_on_in_the_merged_store(label_store: LabelStore, other: LabelStore) -> None:
    fill(other, "a.jpg", "b.jpg")
    work(other)
    merge(other, label_store)
    for store in (label_store, other):
        store.undo("Ann", "u2")
        store.undo("Ann", "u3")
    for path in ("a.jpg", "b.jpg"):
        one, two = (store.items([item(store, path)])[0] for store in (label_store, other))
        assert one.verdict == two.verdict
        assert [label.annotation for label in one.labels] == [
            label.annotation for label in two.labels
        ]


def test_changes_that_came_second_are_kept_as_stale(
    label_store: LabelStore, other: LabelStore
) -> None:
    for store, x, author in ((label_store, 1.0, "Ann"), (other, 2.0, "Bob")):
        fill(store, "a.jpg")
        number = item(store, "a.jpg")
        base = store.history(number)[0].id
        store.write([LabelChange.of_label(f"of {author}", number, "net", by_hand(x), base)], author)
        again = LabelChange.of_label(
            f"2 of {author}", number, "net", by_hand(x + 1), f"of {author}"
        )
        store.write([again], author)
    merged = merge(other, label_store)
    assert merged.conflicts == [MergeConflict("a.jpg", None, "net", "Bob")] * 2
    (found,) = label_store.items([item(label_store, "a.jpg")])
    assert [label.annotation.points["pupil"].x for label in found.labels] == [2.0]
    kept = [one for one in label_store.history(found.id) if one.stale]
    assert [one.author for one in kept] == ["Bob", "Bob"]


def test_a_verdict_on_what_has_changed_here_does_not_count(
    label_store: LabelStore, other: LabelStore
) -> None:
    for store in (label_store, other):
        fill(store, "a.jpg")
    number = item(label_store, "a.jpg")
    base = label_store.history(number)[0].id
    label_store.write([LabelChange.of_label("c", number, "net", by_hand(7), base)], "Ann")
    other.write([LabelChange.of_verdict("v", item(other, "a.jpg"), TRUE, "net")], "Bob")
    assert merge(other, label_store).conflicts == [MergeConflict("a.jpg", None, "net", "Bob")]
    (found,) = label_store.items([number])
    assert found.labels[0].annotation.verdict is None


def test_proposals_under_one_key_stand_side_by_side(
    label_store: LabelStore, other: LabelStore
) -> None:
    fill(label_store, "a.jpg")
    fill(other, "a.jpg", proposal=replace(PROPOSAL, version="2"))
    other.write([LabelChange.of_verdict("v", item(other, "a.jpg"), FALSE, "net")], "Bob")
    assert merge(other, label_store).conflicts == []
    (found,) = label_store.items([item(label_store, "a.jpg")])
    assert {label.annotation.version: label.annotation.verdict for label in found.labels} == {
        "1": None, "2": FALSE,
    }  # fmt: skip


def test_a_merge_that_was_cancelled_goes_on(
    label_store: LabelStore, other: LabelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(other, *(f"{n}.jpg" for n in range(20)))
    for n in range(20):
        other.write([LabelChange.of_verdict(f"v{n}", item(other, f"{n}.jpg"), TRUE, "net")], "Ann")
    monkeypatch.setattr(merging, "_CHUNK", 7)

    class Impatient(Silent):
        """Cancels after two chunks."""

        def __init__(self) -> None:
            self.progress, self.calls = Cancellable(), 0

        def advance(self, frames: int = 1) -> None:
            self.calls += 1
            if self.calls == 2:
                self.progress.cancel()
            self.progress.advance(frames)

    with pytest.raises(Cancelled):
        merge_stores(other, label_store, Impatient())
    assert len(label_store.revisions()) == 14
    merge(other, label_store)
    assert len(label_store.revisions()) == 40
    assert label_store.complete() == 0
    assert all(
        label.annotation.verdict is TRUE for one in label_store.all_items() for label in one.labels
    )
