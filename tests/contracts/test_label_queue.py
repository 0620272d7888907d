"""What comes next, and who has it: queues and leases in SQLite and on a PostgreSQL server."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from closeup.annotations import AnnotatedPicture, Annotation, KeyPoint, LabelVerdict, Origin
from closeup.store.database import open_database
from closeup.store.label_import import import_pictures
from closeup.store.label_queue import (
    LabelQueue,
    QueueCounts,
    Unit,
    Units,
    extend_queue,
    fill_queue,
    queue_names,
    queue_reasons,
)
from closeup.store.label_records import LabelChange
from closeup.store.label_store import LabelStore
from closeup.store.label_tables import WHOLE
from closeup.store.leases import Leases

TRUE = LabelVerdict.TRUE


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def filled(store: LabelStore, count: int = 6) -> list[int]:
    """Pictures with two proposals each, in an order that is neither of names nor of keys."""
    proposals = tuple(
        Annotation(points={"pupil": KeyPoint(x, 1)}, key=key, origin=Origin.MODEL, method="net")
        for x, key in ((1, "b"), (2, "a"))
    )
    pictures = [AnnotatedPicture(f"{9 - n}.jpg", annotations=proposals) for n in range(count)]
    import_pictures(store, pictures)
    return [store.number(picture.path) or 0 for picture in pictures]


def judge(store: LabelStore, unit: Unit, author: str = "ann", layer: str = "") -> None:
    change = LabelChange.of_verdict(uuid4().hex, unit.item, TRUE, unit.object)
    (written,) = store.write([change], author, layer=layer)
    assert not written.stale


def test_labels_come_in_the_order_of_pictures_and_keys(label_store: LabelStore) -> None:
    items = filled(label_store)
    queue = LabelQueue(label_store.database, Units.LABELS)
    expected = [Unit(item, key) for item in items for key in "ab"]
    assert queue.after(None, 100) == expected
    assert queue.after(expected[2], 3) == expected[3:6]
    assert queue.after(expected[-1]) == []
    assert queue.before(expected[4], 3) == [expected[3], expected[2], expected[1]]
    assert queue.before(expected[0]) == []


def test_pictures_come_in_their_order(label_store: LabelStore) -> None:
    expected = [Unit(item) for item in filled(label_store)]
    queue = LabelQueue(label_store.database, Units.PICTURES)
    assert queue.after(None, 100) == expected
    assert queue.after(expected[2], 2) == expected[3:5]
    assert queue.before(expected[2], 9) == [expected[1], expected[0]]


@pytest.mark.parametrize("units", Units)
def test_decided_units_are_passed_over(label_store: LabelStore, units: Units) -> None:
    filled(label_store)
    queue = LabelQueue(label_store.database, units)
    every = queue.after(None, 100)
    assert queue.last_decided("ann") is None
    for unit in (every[0], every[1], every[3]):
        judge(label_store, unit)
    left = [unit for unit in every if unit not in (every[0], every[1], every[3])]
    assert queue.after(None, 100, undecided=True) == left
    assert queue.after(every[2], undecided=True) == [every[4]]
    assert queue.counts() == QueueCounts(len(every), 3)
    assert queue.last_decided("ann") == every[3]
    assert queue.last_decided("bob") is None
    label_store.undo("ann", uuid4().hex)
    assert queue.after(every[2], undecided=True) == [every[3]]
    assert queue.counts() == QueueCounts(len(every), 2)


def test_a_label_that_was_corrected_by_hand_needs_no_verdict(label_store: LabelStore) -> None:
    item, *_ = filled(label_store)
    queue = LabelQueue(label_store.database, Units.LABELS)
    (found,) = label_store.items([item])
    moved = Annotation(points={"pupil": KeyPoint(3, 3)}, origin=Origin.PERSON)
    base = found.labels[0].revision
    label_store.write([LabelChange.of_label(uuid4().hex, item, "a", moved, base)], "ann")
    assert queue.after(None) == [Unit(item, "b")]
    label_store.undo("ann", uuid4().hex)
    assert queue.after(None) == [Unit(item, "a")]


@pytest.mark.parametrize("units", Units)
def test_two_people_decide_each_unit(label_store: LabelStore, units: Units) -> None:
    filled(label_store)

    def queue(layer: str) -> LabelQueue:
        return LabelQueue(label_store.database, units, layer=layer, overlap=2)

    every = queue("ann").after(None, 100)
    judge(label_store, every[0], "ann", "ann")
    assert queue("ann").after(None, undecided=True) == [every[1]]
    assert queue("bob").after(None, undecided=True) == [every[0]]
    judge(label_store, every[0], "bob", "bob")
    for name in ("bob", "cleo"):
        assert queue(name).after(None, undecided=True) == [every[1]]
    label_store.undo("ann", uuid4().hex, layer="ann")
    for name in ("ann", "cleo"):
        assert queue(name).after(None, undecided=True) == [every[0]]


def test_a_named_queue_has_its_own_order_and_reasons(label_store: LabelStore) -> None:
    items = filled(label_store)
    database = label_store.database
    wanted = [Unit(items[4], "b"), Unit(items[0], "a"), Unit(items[2], "b")]
    reasons = {unit: f"reason {n}" for n, unit in enumerate(wanted)}
    assert fill_queue(database, "check", reasons.items()) == 3
    queue = LabelQueue(database, Units.LABELS, name="check")
    assert queue.after(None, 9) == wanted
    assert queue.after(wanted[0]) == [wanted[1]]
    assert queue.before(wanted[2], 9) == [wanted[1], wanted[0]]
    assert queue_reasons(database, "check", wanted[:2]) == {u: reasons[u] for u in wanted[:2]}
    judge(label_store, wanted[0])
    assert queue.after(None, 9, undecided=True) == wanted[1:]
    assert queue.counts() == QueueCounts(3, 1)
    label_store.undo("ann", uuid4().hex)
    assert queue.after(None, 9, undecided=True) == wanted
    judge(label_store, wanted[0])
    fill_queue(database, "check", reasons.items())  # what is asked again is to be decided again
    assert queue.counts() == QueueCounts(3, 0)
    pictures = [(Unit(items[5]), ""), (Unit(items[1]), "")]
    assert fill_queue(database, "check 2", pictures) == 2
    assert LabelQueue(database, Units.PICTURES, name="check 2").after(None, 9) == [
        Unit(items[5]),
        Unit(items[1]),
    ]
    assert queue_names(database) == {"check": 3, "check 2": 2}
    assert fill_queue(database, "check", []) == 0
    assert queue_names(database) == {"check 2": 2}


def test_a_queue_that_grows_keeps_what_is_decided(label_store: LabelStore) -> None:
    items = filled(label_store)
    database = label_store.database
    first, second = Unit(items[4], "b"), Unit(items[0], "a")
    assert extend_queue(database, "check", [(first, "one")]) == 1
    judge(label_store, first)
    assert extend_queue(database, "check", [(first, "again"), (second, "two")]) == 1
    queue = LabelQueue(database, Units.LABELS, name="check")
    assert queue.after(None, 9) == [first, second]
    assert queue.after(None, 9, undecided=True) == [second]
    assert queue.counts() == QueueCounts(2, 1)
    assert queue_reasons(database, "check", [first, second]) == {first: "one", second: "two"}
    judge(label_store, second)
    assert queue.counts() == QueueCounts(2, 2)
    assert extend_queue(database, "check", []) == 0
    assert queue_names(database) == {"check": 2}


def test_a_queue_that_two_fill_at_once_is_one_of_both(store_place: str) -> None:
    databases = [open_database(store_place) for _ in range(2)]
    items = filled(LabelStore(databases[0]))

    def fill(number: int) -> None:
        for _ in range(10):
            fill_queue(databases[number], "check", [(Unit(item), str(number)) for item in items])

    with ThreadPoolExecutor() as pool:
        list(pool.map(fill, range(2)))
    units = [Unit(item, WHOLE) for item in items]
    assert set(queue_reasons(databases[0], "check", units).values()) <= {"0", "1"}
    assert queue_names(databases[0]) == {"check": 6}
    for database in databases:
        database.close()


def test_a_leased_picture_is_passed_over_until_the_lease_ends(label_store: LabelStore) -> None:
    items, clock = filled(label_store), Clock()
    database = label_store.database
    queue = LabelQueue(database, Units.PICTURES, clock=clock)
    ann, bob = (Leases(database, name, term=300, clock=clock) for name in ("ann", "bob"))
    assert ann.take(items[:2]) == items[:2]
    assert queue.after(None, holder="bob") == [Unit(items[2])]
    assert queue.after(None, holder="ann") == [Unit(items[0])]
    assert bob.take([items[2], items[0]]) == [items[2]]
    assert bob.held_by_others(items) == {items[0]: ["ann"], items[1]: ["ann"]}
    clock.now += 200
    assert ann.take(items[:1]) == items[:1]  # a heartbeat
    clock.now += 200
    assert queue.after(None, 2, holder="bob") == [Unit(items[1]), Unit(items[2])]
    assert bob.take(items[:2]) == [items[1]]
    ann.give_back()
    assert bob.take(items[:1]) == items[:1]
    bob.give_back([items[0]])
    assert ann.held_by_others(items) == {items[1]: ["bob"]}
    assert ann.take([items[0], 999]) == [items[0]]


def test_an_overlap_lets_as_many_hold_a_picture(label_store: LabelStore) -> None:
    item, *_ = filled(label_store)
    leases = [Leases(label_store.database, name, overlap=2) for name in ("ann", "bob", "cleo")]
    assert [one.take([item]) for one in leases] == [[item], [item], []]
    queue = LabelQueue(label_store.database, Units.PICTURES, overlap=2)
    assert queue.after(None, holder="bob")[0].item == item
    assert queue.after(None, holder="cleo")[0].item != item


def test_of_those_that_race_for_pictures_each_gets_its_own(store_place: str) -> None:
    databases = [open_database(store_place) for _ in range(4)]
    items = filled(LabelStore(databases[0]), 12)

    def race(number: int) -> list[int]:
        leases = Leases(databases[number], f"holder {number}")
        orders = (items, items[::-1], items[6:] + items[:6], items[::2] + items[1::2])
        return [item for one in orders[number] for item in leases.take([one])]

    with ThreadPoolExecutor() as pool:
        taken = list(pool.map(race, range(4)))
    assert sorted(item for one in taken for item in one) == items
    for database in databases:
        database.close()
