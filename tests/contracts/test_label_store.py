"""What a store of labels does, in SQLite and on a PostgreSQL server."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from uuid import uuid4

import numpy as np
import pytest

from closeup.annotations import AnnotatedPicture, Annotation, KeyPoint, LabelVerdict, Origin
from closeup.errors import InputError
from closeup.geometry import Size
from closeup.store.database import open_database
from closeup.store.label_import import Imported, import_pictures
from closeup.store.label_records import LabelChange, StoredLabel, Written
from closeup.store.label_store import LabelStore
from closeup.store.label_tables import Subject
from tests.stored_pictures import as_picture

TRUE, FALSE = LabelVerdict.TRUE, LabelVerdict.FALSE
PROPOSAL = Annotation(
    name="face",
    box=(10.25, 20.5, 110.125, 140.0),
    points={"pupil": KeyPoint(33.0625, 44.1, visible=False)},
    origin=Origin.MODEL,
    method="net",
    version="3",
    score=0.0,
    extra={"coco": {"iscrowd": 0, "name": "한글"}},
)


def point(x: float) -> Annotation:
    return Annotation(points={"pupil": KeyPoint(x, 5.0)}, origin=Origin.PERSON)


def filled(store: LabelStore, count: int = 3) -> list[int]:
    """Numbers of new pictures, each with a proposal named ``a``."""
    pictures = [
        AnnotatedPicture(f"{n}.jpg", size=Size(640, 480), annotations=(replace(PROPOSAL, key="a"),))
        for n in range(count)
    ]
    import_pictures(store, pictures)
    return [store.number(f"{n}.jpg") or 0 for n in range(count)]


def label(store: LabelStore, item: int, key: str = "a", layer: str = "") -> StoredLabel:
    (found,) = store.items([item], layer=layer)
    return next(one for one in found.labels if one.object == key)


def test_what_was_imported_is_read_as_it_was(label_store: LabelStore) -> None:
    picture = AnnotatedPicture(
        "b/눈 1.jpg", None, Size(640, 480), (replace(PROPOSAL, key="a"),), {"cvat": {"id": 7}}
    )
    frame = AnnotatedPicture("film.mp4", 12, None, (replace(PROPOSAL, key="a"),))
    assert import_pictures(label_store, [picture, frame]) == Imported(2, 2, 0)
    assert list(map(as_picture, label_store.all_items())) == [picture, frame]
    assert label_store.count() == 2
    assert label_store.number("film.mp4") is None
    assert label_store.frames("film.mp4") == [label_store.number("film.mp4", 12)]


def test_a_second_import_adds_what_is_new(label_store: LabelStore) -> None:
    (first,) = filled(label_store, 1)
    old = AnnotatedPicture("0.jpg", annotations=(replace(PROPOSAL, key="a"),))
    assert import_pictures(label_store, [old, old]) == Imported()
    better = AnnotatedPicture("0.jpg", annotations=(replace(PROPOSAL, key="a", version="4"),))
    new = AnnotatedPicture("new.jpg", annotations=(replace(PROPOSAL, verdict=TRUE),))
    assert import_pictures(label_store, [better, new], "ann") == Imported(1, 2, 1)
    (item,) = label_store.items([first])
    assert sorted(one.annotation.version for one in item.labels) == ["3", "4"]
    assert import_pictures(label_store, [better, new], "ann") == Imported()
    assert label_store.undo("ann", uuid4().hex) == []  # an import is not an action of a person


def test_ten_thousand_pictures_come_in_order(label_store: LabelStore) -> None:
    names = [f"{n}.jpg" for n in np.random.default_rng(0).permutation(10_000)]
    pictures = (AnnotatedPicture(name, annotations=(PROPOSAL,)) for name in names)
    assert import_pictures(label_store, pictures) == Imported(10_000, 10_000)
    assert [item.path for item in label_store.all_items()] == names


def test_an_action_is_written_once(label_store: LabelStore) -> None:
    item, *_ = filled(label_store)
    change = LabelChange.of_label("a1", item, "a", point(7.5), label(label_store, item).revision)
    (first,) = label_store.write([change], "ann")
    assert first == Written(first.revision, stale=False, newest=first.revision)
    assert label_store.write([change, change], "ann") == [first, first]
    (later,) = label_store.write(
        [LabelChange.of_label("a2", item, "a", None, first.revision)], "ann"
    )
    assert label_store.write([change], "ann") == [replace_newest(first, later.revision)]
    assert label_store.items([item])[0].labels == ()
    assert len(label_store.history(item)) == 3


def replace_newest(written: Written, newest: int) -> Written:
    return Written(written.revision, written.stale, newest)


def test_an_action_that_two_connections_send_at_once_is_written_once(store_place: str) -> None:
    databases = [open_database(store_place) for _ in range(2)]
    stores = [LabelStore(database) for database in databases]
    items = filled(stores[0])
    changes = [
        LabelChange.of_label(uuid4().hex, items[n % 3], f"new {n}", point(n)) for n in range(40)
    ]

    def send(number: int) -> list[Written]:
        return [stores[number].write([change], "ann")[0] for change in changes]

    with ThreadPoolExecutor() as pool:
        one, other = pool.map(send, range(2))
    assert one == other
    assert sum(len(stores[0].history(item)) for item in items) == 3 + 40
    for database in databases:
        database.close()


def test_people_that_write_the_same_pictures_in_any_order_do_not_block(store_place: str) -> None:
    databases = [open_database(store_place) for _ in range(4)]
    stores = [LabelStore(database) for database in databases]
    items = filled(stores[0], 6)

    def work(number: int) -> None:
        dice = np.random.default_rng(number)
        author = f"author {number}"
        for step in range(15):
            mixed = dice.permutation(items)[:5].tolist()
            stores[number].write(
                [
                    LabelChange.of_label(uuid4().hex, item, f"{number} {step}", point(1), None)
                    for item in mixed
                ],
                author,
            )
            if step % 3 == 2:
                stores[number].undo(author, uuid4().hex)

    with ThreadPoolExecutor() as pool:
        list(pool.map(work, range(4)))
    found = stores[0].items(items)
    assert sum(len(item.labels) for item in found) == 6 + 4 * 5 * 10
    for database in databases:
        database.close()


def test_an_undoing_that_two_connections_send_at_once_is_done_once(store_place: str) -> None:
    databases = [open_database(store_place) for _ in range(2)]
    stores = [LabelStore(database) for database in databases]
    items = filled(stores[0])
    for step in range(10):
        actions = [LabelChange.of_label(uuid4().hex, item, f"{step}", point(1)) for item in items]
        stores[0].write(actions, "ann")
    for step in range(9, 0, -1):
        action = uuid4().hex
        with ThreadPoolExecutor() as pool:
            done = list(pool.map(lambda store, name=action: store.undo("ann", name), stores))
        assert {written for _, written in done[0]} == {written for _, written in done[1]}
        assert [len(item.labels) for item in stores[0].items(items)] == [1 + step] * 3
    for database in databases:
        database.close()


def test_a_late_change_is_kept_and_leaves_the_label(label_store: LabelStore) -> None:
    item, *_ = filled(label_store)
    seen = label(label_store, item).revision
    (ann,) = label_store.write([LabelChange.of_label("a", item, "a", point(1), seen)], "ann")
    (bob,) = label_store.write([LabelChange.of_label("b", item, "a", point(2), seen)], "bob")
    assert bob == Written(bob.revision, stale=True, newest=ann.revision)
    assert label(label_store, item).annotation.points["pupil"].x == 1
    both = {row.author: row.content for row in label_store.history(item, "a") if row.author}
    assert both == {"ann": point(1).as_json(), "bob": point(2).as_json()}
    # What was based on a change that came late is late, too.
    (after,) = label_store.write([LabelChange.of_label("c", item, "a", point(3), "b")], "bob")
    assert after.stale
    # There is nothing of Bob's to take back.
    assert label_store.undo("bob", uuid4().hex) == []


def test_what_was_taken_away_is_set_anew_by_who_sees_nothing(label_store: LabelStore) -> None:
    """Copied from the frame before, removed, and copied again."""
    (item,) = filled(label_store, 1)
    gone = LabelChange.of_label("gone", item, "a", None, label(label_store, item).revision)
    label_store.write([gone], "ann")
    (again,) = label_store.write([LabelChange.of_label("again", item, "a", point(7.0))], "bob")
    assert not again.stale
    assert label(label_store, item).annotation.points == point(7.0).points
    (late,) = label_store.write([LabelChange.of_label("late", item, "a", point(8.0))], "ann")
    assert late.stale
    label_store.undo("bob", "back")
    assert label_store.items([item])[0].labels == ()


def test_a_change_may_name_an_action_as_its_base(label_store: LabelStore) -> None:
    item, *_ = filled(label_store)
    changes = [
        LabelChange.of_label("a", item, "new", point(1)),
        LabelChange.of_label("b", item, "new", point(2), "a"),
        LabelChange.of_verdict("c", item, TRUE, "new"),
        LabelChange.of_verdict("d", item, FALSE, "new", "c"),
    ]
    assert not any(written.stale for written in label_store.write(changes, "ann"))
    assert label(label_store, item, "new").annotation.verdict is FALSE


def test_a_verdict_says_what_it_judges(label_store: LabelStore) -> None:
    item, *_ = filled(label_store)
    proposed = label(label_store, item)
    label_store.write([LabelChange.of_verdict("v", item, TRUE, "a")], "ann")
    verdict = label_store.history(item, "a")[-1]
    assert verdict.subject is Subject.VERDICT
    assert verdict.content == {"verdict": "true", "judges": proposed.revision}
    assert (verdict.author, label(label_store, item).annotation.method) == ("ann", "net")


def test_a_verdict_on_a_label_that_has_changed_is_late(label_store: LabelStore) -> None:
    item, *_ = filled(label_store)
    proposed = label(label_store, item).revision
    label_store.write([LabelChange.of_label("b", item, "a", point(2), proposed)], "bob")
    late = replace(LabelChange.of_verdict("v", item, TRUE, "a"), judges=proposed)
    (written,) = label_store.write([late], "ann")
    assert written.stale
    assert label(label_store, item).annotation.verdict is None
    (again,) = label_store.write([LabelChange.of_verdict("w", item, TRUE, "a")], "ann")
    assert not again.stale
    assert label(label_store, item).annotation.verdict is TRUE


def test_a_corrected_label_awaits_a_verdict_until_it_is_back(label_store: LabelStore) -> None:
    item, *_ = filled(label_store)
    seen = label(label_store, item).revision
    label_store.write([LabelChange.of_verdict("v", item, FALSE, "a")], "ann")
    label_store.write([LabelChange.of_label("c", item, "a", point(1), seen)], "ann")
    assert label(label_store, item).annotation.verdict is None
    label_store.undo("ann", uuid4().hex)
    assert label(label_store, item).annotation == replace(PROPOSAL, key="a", verdict=FALSE)
    label_store.undo("ann", uuid4().hex)
    assert label(label_store, item).annotation == replace(PROPOSAL, key="a")
    assert label_store.undo("ann", uuid4().hex) == []


def test_a_batch_is_taken_back_as_a_whole(label_store: LabelStore) -> None:
    items = filled(label_store)
    label_store.write([LabelChange.of_verdict("x", items[0], TRUE)], "ann")
    page = [LabelChange.of_verdict(f"p{item}", item, FALSE, "a") for item in items]
    label_store.write(page, "ann", batch="page")
    outcome = label_store.undo("ann", "u1")
    assert sorted(item for item, _ in outcome) == items
    assert not any(written.stale for _, written in outcome)
    assert [label(label_store, item).annotation.verdict for item in items] == [None] * 3
    assert sorted(label_store.undo("ann", "u1")) == sorted(outcome)
    assert label_store.items(items[:1])[0].verdict is TRUE


def test_undo_leaves_what_another_person_did_since(label_store: LabelStore) -> None:
    item, other, *_ = filled(label_store)
    for number in (item, other):
        seen = label(label_store, number).revision
        label_store.write([LabelChange.of_label(f"a{number}", number, "a", point(1), seen)], "ann")
    newer = label(label_store, other).revision
    label_store.write([LabelChange.of_label("b", other, "a", point(2), newer)], "bob")
    ((_, kept),) = label_store.undo("ann", uuid4().hex)
    assert kept.stale
    assert label(label_store, other).annotation.points["pupil"].x == 2
    ((_, undone),) = label_store.undo("ann", uuid4().hex)
    assert not undone.stale
    assert label(label_store, item).annotation == replace(PROPOSAL, key="a")


def test_layers_hide_what_others_do(label_store: LabelStore) -> None:
    item, *_ = filled(label_store)
    seen = label(label_store, item).revision
    for author, x in (("ann", 1), ("bob", 2)):
        change = LabelChange.of_label(author, item, "a", point(x), seen)
        (written,) = label_store.write([change], author, layer=author)
        assert not written.stale
    places = [
        label(label_store, item, layer=layer).annotation.points["pupil"].x
        for layer in ("ann", "bob", "")
    ]
    assert places == [1, 2, 33.0625]


def test_all_changes_are_written_or_none(label_store: LabelStore) -> None:
    item, *_ = filled(label_store)
    good = LabelChange.of_label("good", item, "new", point(1))
    with pytest.raises(InputError, match=r"no item 999 .*load the page anew"):
        label_store.write([good, LabelChange.of_verdict("bad", 999, TRUE)], "ann")
    with pytest.raises(InputError, match=f"item {item} has no label 'none'; load the page anew"):
        label_store.write([good, LabelChange.of_verdict("bad", item, TRUE, "none")], "ann")
    assert len(label_store.history(item)) == 1


def test_names_may_be_long_or_odd(label_store: LabelStore) -> None:
    item, *_ = filled(label_store)
    odd = "k" * 300 + "'\"%;--\\ \N{GRINNING FACE}\N{COMBINING ACUTE ACCENT}"
    label_store.write([LabelChange.of_label(odd, item, odd, point(1))], odd, layer=odd, batch=odd)
    assert label(label_store, item, odd, layer=odd).author == odd
    assert len(label_store.undo(odd, odd + "u", layer=odd)) == 1


def test_a_name_that_is_not_unicode_is_refused(label_store: LabelStore) -> None:
    with pytest.raises(InputError, match=r"'\\udcff.jpg' is not Unicode text; rename it"):
        import_pictures(label_store, [AnnotatedPicture("\udcff.jpg")])
    assert label_store.count() == 0


def test_revisions_name_the_schema_that_was_in_force(label_store: LabelStore) -> None:
    """Somebody goes on with an old page while the schema changes: nothing is lost."""
    item, *_ = filled(label_store)
    first = label_store.use_schema({"points": ["pupil"]})
    (old,) = label_store.write([LabelChange.of_label("a", item, "eye", point(1))], "ann")
    second = label_store.use_schema({"points": ["corner"]})
    assert label_store.use_schema({"points": ["corner"]}) == second != first
    (written,) = label_store.write([LabelChange.of_label("b", item, "eye", point(2), "a")], "ann")
    assert not written.stale
    assert label(label_store, item, "eye").annotation.points == point(2).points
    contents = [row.content for row in label_store.history(item, "eye")]
    assert contents == [point(1).as_json(), point(2).as_json()]
    assert label_store.use_schema({"points": ["pupil"]}) == first
    assert [row.id for row in label_store.revisions(after=old.revision - 1)] == [
        old.revision,
        written.revision,
    ]


@pytest.mark.parametrize("value", ["text", 3.5, None, ["a", {"b": 1}], {"ü": "\n"}])
def test_settings_are_kept(label_store: LabelStore, value: Any) -> None:
    assert label_store.setting("fact", "default") == "default"
    label_store.set_setting("fact", value)
    label_store.set_setting("fact", value)
    assert label_store.setting("fact", "default") == value


def test_settings_and_imports_of_two_processes_take_turns(store_place: str) -> None:
    databases = [open_database(store_place) for _ in range(2)]
    stores = [LabelStore(database) for database in databases]

    def work(number: int) -> None:
        for step in range(10):
            stores[number].set_setting("fact", number)
            stores[number].use_schema({"step": step})
            pictures = [AnnotatedPicture(f"{step} {n}.jpg") for n in range(20)]
            import_pictures(stores[number], pictures)

    with ThreadPoolExecutor() as pool:
        list(pool.map(work, range(2)))
    assert stores[0].count() == 200
    assert stores[0].setting("fact") in {0, 1}
    for database in databases:
        database.close()


def test_a_size_is_kept(label_store: LabelStore) -> None:
    item, *_ = filled(label_store)
    label_store.set_size(item, Size(3, 4))
    assert label_store.items([item])[0].size == Size(3, 4)
    assert label_store.items([999, item])[0].id == item
