"""Verdicts that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from closeup.annotations import AnnotatedPicture, Annotation, KeyPoint, LabelVerdict, Origin
from closeup.geometry import Size
from closeup.labelling.contradictions import (
    ContradictingPair,
    ContradictionCheck,
    contradicting_pairs,
    find_contradictions,
)
from closeup.store.database import open_database
from closeup.store.label_import import import_pictures
from closeup.store.label_queue import Unit
from closeup.store.label_records import LabelChange
from closeup.store.label_store import LabelStore
from tests.labelling.items import item, points

TRUE, FALSE, UNSURE = LabelVerdict.TRUE, LabelVerdict.FALSE, LabelVerdict.UNSURE
DISTANCE = 50.0
"""Pixels between the eyes of every face here."""


def eyes(method: str, x: float, y: float = 30, verdict: LabelVerdict | None = TRUE) -> Annotation:
    pair = {"right_eye": KeyPoint(x, y), "left_eye": KeyPoint(x + DISTANCE, y)}
    return Annotation(
        points=pair, key=f"{method}-{x:g}", origin=Origin.COARSE, method=method, verdict=verdict
    )


def test_two_labels_of_one_point_cannot_both_be_true() -> None:
    (pair,) = contradicting_pairs(item(1, eyes("a", 60), eyes("b", 72.5)))
    assert (pair.first.object, pair.second.object) == ("a-60", "b-72.5")
    assert pair.distance == pytest.approx(0.25)
    found = list(ContradictionCheck().look(item(1, eyes("a", 60), eyes("b", 72.5))))
    assert [one.unit.object for one in found] == ["a-60", "b-72.5"]
    assert {one.kind for one in found} == {"contradiction"}
    assert found[0].reason == "the label of b, 0.25 of its size away, is true as well"
    near, far = (
        next(ContradictionCheck().look(item(1, eyes("a", 60), eyes("b", x)))).weight
        for x in (66, 84)
    )
    assert 0.5 < near < far < 0.83


@pytest.mark.parametrize(
    "labels",
    [
        (eyes("a", 60), eyes("b", 64)),  # both within 0.05 of a place between them
        (eyes("a", 60), eyes("b", 72.5, verdict=FALSE)),
        (eyes("a", 60), eyes("b", 72.5, verdict=UNSURE)),
        (eyes("a", 60), eyes("b", 72.5, verdict=None)),
        (eyes("a", 60), eyes("a", 72.5)),  # one method labels different faces
        (eyes("a", 60), eyes("b", 120)),  # another face
        (eyes("a", 60), eyes("b", 61), eyes("a", 80), eyes("b", 79)),  # two faces that overlap
        (eyes("a", 60), replace(eyes("b", 72.5), points={"nose": KeyPoint(85, 50)})),
    ],
)
def test_what_is_no_contradiction(labels: tuple[Annotation, ...]) -> None:
    assert not list(contradicting_pairs(item(1, *labels)))


def test_a_label_by_hand_is_true_unless_it_was_called_false() -> None:
    hand = points(right_eye=(60, 30), left_eye=(110, 30))
    assert len(list(contradicting_pairs(item(1, hand, eyes("b", 72.5))))) == 1
    wrong = replace(hand, verdict=FALSE)
    assert not list(contradicting_pairs(item(1, wrong, eyes("b", 72.5))))
    (said, _) = ContradictionCheck().look(item(1, eyes("b", 72.5), hand))
    assert "the label of a person" in said.reason


methods = st.sampled_from(["a", "b", "c"])
places = st.floats(0, 500)
verdicts = st.sampled_from([TRUE, FALSE, UNSURE, None])


@given(st.lists(st.tuples(methods, places, st.floats(-2.4, 2.4), verdicts), max_size=8))
def test_labels_near_the_truth_never_contradict(
    made: list[tuple[str, float, float, LabelVerdict | None]],
) -> None:
    """Faces stand 120 pixels apart; every label is within 0.048 eye distances of one of them."""
    near = [eyes(method, 120 * round(x / 120) + off, verdict=said) for method, x, off, said in made]
    assert not list(contradicting_pairs(item(1, *near)))


@given(st.lists(st.tuples(places, places, verdicts), max_size=6))
def test_labels_of_one_method_never_contradict(
    made: list[tuple[float, float, LabelVerdict | None]],
) -> None:
    labels = [eyes("a", x, y, said) for x, y, said in made]
    assert not list(contradicting_pairs(item(1, *labels)))


@given(st.lists(st.tuples(methods, st.floats(0, 40), verdicts), max_size=6))
def test_pairs_are_true_far_apart_and_of_different_methods(
    made: list[tuple[str, float, LabelVerdict | None]],
) -> None:
    labels = [eyes(method, x, verdict=said) for method, x, said in made]
    own = item(1, *(replace(one, key=str(place)) for place, one in enumerate(labels)))
    for pair in contradicting_pairs(own):
        one, other = (labels[int(unit.object)] for unit in (pair.first, pair.second))
        assert one.method != other.method
        assert (one.verdict, other.verdict) == (TRUE, TRUE)
        apart = abs(one.points["left_eye"].x - other.points["left_eye"].x)
        assert apart / DISTANCE == pytest.approx(pair.distance)
        assert pair.distance > 0.1


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LabelStore]:
    database = open_database(tmp_path / "labels.db")
    own = LabelStore(database)
    labels = (eyes("a", 60, verdict=None), eyes("b", 72.5, verdict=None))
    import_pictures(
        own,
        [AnnotatedPicture(f"{n}.jpg", size=Size(200, 100), annotations=labels) for n in range(3)],
    )
    yield own
    database.close()


def say(
    store: LabelStore, person: str, number: int, key: str, verdict: LabelVerdict, layer: str = ""
) -> None:
    (own,) = store.items([number], layer=layer)
    base = next(one.verdict_revision for one in own.labels if one.object == key)
    action = f"{person} {number} {key} {base} {verdict}"
    store.write([LabelChange.of_verdict(action, number, verdict, key, base)], person, layer=layer)


def test_a_change_of_mind_is_no_contradiction(store: LabelStore) -> None:
    say(store, "ann", 1, "a-60", TRUE)
    say(store, "ann", 1, "a-60", FALSE)
    say(store, "ann", 1, "b-72.5", TRUE)
    assert find_contradictions(store).units == frozenset()
    say(store, "ann", 1, "a-60", TRUE)  # the newest counts
    found = find_contradictions(store)
    assert found.pairs == (ContradictingPair(Unit(1, "a-60"), Unit(1, "b-72.5"), 0.25),)
    assert found.units == {Unit(1, "a-60"), Unit(1, "b-72.5")}


def test_people_who_disagree_until_it_is_settled(store: LabelStore) -> None:
    for person, verdict in (("ann", TRUE), ("bob", FALSE), ("eve", UNSURE)):
        say(store, person, 2, "a-60", verdict, layer=person)
        say(store, person, 3, "a-60", UNSURE if person == "ann" else TRUE, layer=person)
    found = find_contradictions(store)
    assert found.disputed == {Unit(2, "a-60")}
    assert found.pairs == ()
    say(store, "eve", 2, "a-60", FALSE)  # in everybody's layer, as adjudication is
    assert find_contradictions(store).units == frozenset()
