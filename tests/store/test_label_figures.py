"""What is read for figures: counts, verdicts on what they judged, and actions in time."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from closeup.annotations import AnnotatedPicture, Annotation, KeyPoint, LabelVerdict, Origin
from closeup.store.label_figures import LabelGroup, actions, label_groups, verdicts
from closeup.store.label_import import import_pictures
from closeup.store.label_records import LabelChange
from closeup.store.label_store import LabelStore

TRUE, FALSE, UNSURE = LabelVerdict.TRUE, LabelVerdict.FALSE, LabelVerdict.UNSURE
NET = LabelGroup("model", "net", "1")
PROPOSAL = Annotation(
    points={"pupil": KeyPoint(3, 4)}, key="net", origin=Origin.MODEL, method="net", version="1"
)
BY_HAND = Annotation(points={"pupil": KeyPoint(5, 5)}, origin=Origin.PERSON, method="Ann")


def fill(store: LabelStore, count: int = 3) -> list[int]:
    import_pictures(
        store, [AnnotatedPicture(f"{n}.jpg", annotations=(PROPOSAL,)) for n in range(count)]
    )
    return [store.number(f"{n}.jpg") or 0 for n in range(count)]


def said(store: LabelStore) -> Counter[tuple[LabelGroup, LabelVerdict]]:
    return Counter(verdicts(store.database))


def test_labels_are_counted_by_how_they_came_to_be(label_store: LabelStore) -> None:
    first, second, third = fill(label_store)
    label_store.write([LabelChange.of_label("a", first, "own", BY_HAND)], "Ann")
    (item,) = label_store.items([second])
    base = item.labels[0].revision
    label_store.write([LabelChange.of_label("b", second, "net", BY_HAND, base)], "Ann")
    label_store.write([LabelChange.of_label("c", third, "net", None, base + 1)], "Ann")
    hand = LabelGroup("person", "Ann", "")
    assert label_groups(label_store.database) == {NET: 1, hand: 2}


def test_a_label_that_is_called_false_and_then_corrected_keeps_its_verdict(
    label_store: LabelStore,
) -> None:
    first, *_ = fill(label_store)
    base = label_store.items([first])[0].labels[0].revision
    label_store.write([LabelChange.of_verdict("v", first, FALSE, "net")], "Ann")
    label_store.write([LabelChange.of_label("l", first, "net", BY_HAND, base)], "Ann")
    assert said(label_store) == {(NET, FALSE): 1}


def test_a_verdict_that_changes_counts_once(label_store: LabelStore) -> None:
    first, *_ = fill(label_store)
    label_store.write([LabelChange.of_verdict("v", first, FALSE, "net")], "Ann")
    label_store.write([LabelChange.of_verdict("w", first, TRUE, "net", base="v")], "Ann")
    label_store.write([LabelChange.of_verdict("stale", first, UNSURE, "net")], "Bob")
    assert said(label_store) == {(NET, TRUE): 1}
    label_store.write([LabelChange.of_verdict("x", first, None, "net", base="w")], "Ann")
    assert said(label_store) == {}


def test_a_verdict_that_is_undone_does_not_count(label_store: LabelStore) -> None:
    first, *_ = fill(label_store)
    label_store.write([LabelChange.of_verdict("v", first, FALSE, "net")], "Ann")
    label_store.write([LabelChange.of_verdict("w", first, TRUE, "net", base="v")], "Ann")
    label_store.undo("Ann", "u")
    assert said(label_store) == {(NET, FALSE): 1}
    label_store.undo("Ann", "u2")
    assert said(label_store) == {}


def test_people_who_do_not_see_each_other_count_each(label_store: LabelStore) -> None:
    first, *_ = fill(label_store)
    for name, verdict in (("Ann", TRUE), ("Bob", FALSE)):
        label_store.write([LabelChange.of_verdict(name, first, verdict, "net")], name, layer=name)
    assert said(label_store) == {(NET, TRUE): 1, (NET, FALSE): 1}


def test_verdicts_on_whole_pictures_are_about_no_method(label_store: LabelStore) -> None:
    first, *_ = fill(label_store)
    label_store.write([LabelChange.of_verdict("v", first, TRUE)], "Ann")
    assert said(label_store) == {}


def test_actions_are_those_of_people_in_their_order(label_store: LabelStore) -> None:
    first, second, _ = fill(label_store)
    judged = replace(PROPOSAL, key="imported", verdict=TRUE, origin=Origin.PERSON)
    import_pictures(label_store, [AnnotatedPicture("9.jpg", annotations=(judged,))], "Ann")
    boxed = replace(BY_HAND, points={}, box=(1, 1, 9, 9))
    label_store.write([LabelChange.of_verdict("v", first, TRUE, "net")], "Bob")
    label_store.write([LabelChange.of_label("p", first, "p", BY_HAND)], "Ann")
    label_store.write([LabelChange.of_label("b", second, "b", boxed)], "Ann")
    label_store.undo("Ann", "u")
    done = list(actions(label_store.database))
    assert [(one.author, one.kind) for one in done] == [
        ("Ann", "point"), ("Ann", "box"), ("Ann", "other"), ("Bob", "verdict"),
    ]  # fmt: skip
    assert [one.counts for one in done] == [True, True, False, True]
    assert done[2].undoes == done[1].id
