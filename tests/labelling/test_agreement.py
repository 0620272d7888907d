"""How far two people agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from closeup.annotations import AnnotatedPicture, Annotation, KeyPoint, LabelVerdict, Origin
from closeup.geometry import Size
from closeup.labelling.agreement import LabelAgreement, cohens_kappa, label_agreement
from closeup.labels import Box
from closeup.store.database import open_database
from closeup.store.label_import import import_pictures
from closeup.store.label_queue import Unit
from closeup.store.label_records import LabelChange
from closeup.store.label_store import LabelStore

TRUE, FALSE, UNSURE = LabelVerdict.TRUE, LabelVerdict.FALSE, LabelVerdict.UNSURE


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LabelStore]:
    database = open_database(tmp_path / "labels.db")
    yield LabelStore(database)
    database.close()


def fill(store: LabelStore, count: int, *labels: Annotation) -> None:
    pictures = [
        AnnotatedPicture(f"{n}.jpg", size=Size(100, 100), annotations=labels) for n in range(count)
    ]
    import_pictures(store, pictures)


def eyes(x: float, key: str = "net") -> Annotation:
    """Two eyes that are 50 pixels apart."""
    points = {"right_eye": KeyPoint(x, 30), "left_eye": KeyPoint(x + 50, 30)}
    return Annotation(points=points, key=key, origin=Origin.MODEL, method="net")


def boxed(box: Box, name: str = "") -> Annotation:
    return Annotation(name, box, origin=Origin.PERSON)


def say(store: LabelStore, person: str, number: int, verdict: LabelVerdict, key: str = "") -> None:
    change = LabelChange.of_verdict(f"{person}{number}{key}v", number, verdict, key)
    store.write([change], person, layer=person)


def draw(store: LabelStore, person: str, number: int, key: str, label: Annotation) -> None:
    base = next(
        (one.revision for one in store.items([number])[0].labels if one.object == key), None
    )
    change = LabelChange.of_label(f"{person}{number}{key}", number, key, label, base)
    store.write([change], person, layer=person)


def test_cohens_kappa() -> None:
    """Of 50 cases 35 are equal, and 25 would be by chance."""
    table = Counter({(TRUE, TRUE): 20, (TRUE, FALSE): 5, (FALSE, TRUE): 10, (FALSE, FALSE): 15})
    found = cohens_kappa(table)
    assert found is not None
    assert found[0] == pytest.approx(0.4)
    assert found[1] == pytest.approx(1.96 * (0.7 * 0.3 / 50) ** 0.5 / 0.5)
    assert cohens_kappa(Counter()) is None
    assert cohens_kappa(Counter({(TRUE, TRUE): 9})) is None
    assert cohens_kappa(Counter({(TRUE, FALSE): 9})) == pytest.approx((0, 0))


def test_verdicts(store: LabelStore) -> None:
    fill(store, 3, eyes(20))
    for number, ann, bob in ((1, TRUE, TRUE), (2, FALSE, TRUE), (3, UNSURE, TRUE)):
        say(store, "Ann", number, ann, "net")
        say(store, "Bob", number, bob, "net")
    found = label_agreement(store)
    (pair,) = found.pairs
    assert (pair.first, pair.second, pair.pictures) == ("Ann", "Bob", 3)
    assert pair.verdicts == {(TRUE, TRUE): 1, (FALSE, TRUE): 1, (UNSURE, TRUE): 1}
    assert [(one.unit, one.reason) for one in found.disputes] == [
        (Unit(2, "net"), "Ann says false, Bob true"),
        (Unit(3, "net"), "Ann says unsure, Bob true"),
    ]


def test_pictures_without_proposals_are_judged_as_a_whole(store: LabelStore) -> None:
    fill(store, 2)
    for number, bob in ((1, TRUE), (2, FALSE)):
        say(store, "Ann", number, TRUE)
        say(store, "Bob", number, bob)
    found = label_agreement(store)
    assert found.pairs[0].verdicts == {(TRUE, TRUE): 1, (TRUE, FALSE): 1}
    assert [one.unit for one in found.disputes] == [Unit(2)]


def test_points_are_compared_in_eye_distances(store: LabelStore) -> None:
    fill(store, 3, eyes(20))
    for number, x in ((1, 21), (2, 30)):
        draw(store, "Ann", number, "net", eyes(x))
        say(store, "Ann", number, TRUE)
        say(store, "Bob", number, TRUE)  # takes the proposal as it is
    say(store, "Ann", 3, TRUE)
    found = label_agreement(store)
    (pair,) = found.pairs
    assert pair.pictures == 2
    assert pair.distances == pytest.approx([0.02, 0.2])
    (dispute,) = found.disputes
    assert dispute.unit == Unit(2, "net")
    assert dispute.reason == "Ann and Bob are 0.20 of its size apart"


def test_boxes_are_paired_by_place(store: LabelStore) -> None:
    fill(store, 1)
    draw(store, "Ann", 1, "a1", boxed((10, 10, 30, 30), "Kim"))
    draw(store, "Ann", 1, "a2", boxed((50, 50, 70, 70), "Lee"))
    draw(store, "Ann", 1, "a3", boxed((80, 10, 90, 20)))
    draw(store, "Bob", 1, "b1", boxed((50, 50, 70, 75), "Kim"))
    draw(store, "Bob", 1, "b2", boxed((10, 10, 30, 30), "Kim"))
    found = label_agreement(store)
    (pair,) = found.pairs
    assert sorted(pair.overlaps) == pytest.approx([0, 0.8, 1])
    assert pair.renamed == 1
    assert {(one.unit.object, one.reason) for one in found.disputes} == {
        ("a2", "Ann says Lee, Bob Kim"),
        ("a3", "only Ann has this box"),
    }


def test_boxes_that_hardly_overlap_are_disputed(store: LabelStore) -> None:
    fill(store, 1)
    draw(store, "Ann", 1, "a", boxed((10, 10, 30, 30)))
    draw(store, "Bob", 1, "b", boxed((20, 10, 40, 30)))
    found = label_agreement(store)
    assert found.pairs[0].overlaps == pytest.approx([1 / 3])
    assert [one.reason for one in found.disputes] == ["the boxes of Ann and Bob overlap by 33%"]


def test_one_person_alone_agrees_with_nobody(store: LabelStore) -> None:
    fill(store, 2, eyes(20))
    assert label_agreement(store) == LabelAgreement((), ())
    say(store, "Ann", 1, TRUE, "net")
    say(store, "Bob", 2, TRUE, "net")
    assert label_agreement(store) == LabelAgreement((), ())
