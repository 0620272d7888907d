"""Figures about labels: shares with intervals, and speed without pauses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from closeup.annotations import AnnotatedPicture, Annotation, LabelSchema, LabelVerdict, Origin
from closeup.labelling.label_task import schema_as_json
from closeup.labelling.statistics import (
    ClassFigures,
    PersonFigures,
    label_statistics,
    wilson,
)
from closeup.store.database import open_database
from closeup.store.label_import import import_pictures
from closeup.store.label_records import LabelChange
from closeup.store.label_store import LabelStore

TRUE, FALSE = LabelVerdict.TRUE, LabelVerdict.FALSE
BOX = (1.0, 1.0, 9.0, 9.0)


class Clock:
    """Shows the time that it was set to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[LabelStore]:
    database = open_database(tmp_path / "labels.db")
    made = LabelStore(database, clock)
    label = Annotation("Ann", BOX, key="net", origin=Origin.MODEL, method="net", version="1")
    import_pictures(made, [AnnotatedPicture(f"{n}.jpg", annotations=(label,)) for n in range(30)])
    yield made
    database.close()


def person(store: LabelStore) -> PersonFigures:
    (found,) = label_statistics(store).people
    return found


def judge(store: LabelStore, numbers: range, verdict: LabelVerdict = TRUE) -> None:
    action = f"{numbers}"
    changes = [LabelChange.of_verdict(f"{action}-{n}", n, verdict, "net") for n in numbers]
    store.write(changes, "Eve", batch=action)


def test_wilsons_interval() -> None:
    """Against Newcombe (1998), Statistics in Medicine 17:857, table I, method 3."""
    assert wilson(81, 263) == pytest.approx((0.3080, 0.2553, 0.3662), abs=1e-4)
    assert wilson(0, 20) == pytest.approx((0, 0, 0.1611), abs=1e-4)
    assert wilson(29, 29) == pytest.approx((1, 0.8830, 1), abs=1e-4)
    assert wilson(0, 0) is None


def test_the_share_of_true_labels_of_a_method(store: LabelStore) -> None:
    judge(store, range(1, 10))
    judge(store, range(10, 13), FALSE)
    (net,) = label_statistics(store).methods
    assert net.group == ("model", "net", "1")
    assert net.labels == 30
    assert net.verdicts == {TRUE: 9, FALSE: 3}
    assert net.share_true == wilson(9, 12)


def test_speed_is_measured_without_pauses(store: LabelStore, clock: Clock) -> None:
    for seconds, number in ((0, 1), (2, 2), (4, 3), (600, 4), (3, 5)):
        clock.now += seconds
        judge(store, range(number, number + 1))
    eve = person(store)
    assert eve.counts == {"verdict": 5}
    assert eve.sessions == 2
    assert eve.seconds == 9
    assert eve.timed == 3
    assert eve.an_hour == pytest.approx(1200)
    assert eve.seconds_each("verdict") == 3
    assert eve.seconds_each("point") is None


def test_a_page_of_a_grid_is_many_verdicts_at_once(store: LabelStore, clock: Clock) -> None:
    judge(store, range(1, 2))
    clock.now += 12
    judge(store, range(2, 26))
    eve = person(store)
    assert eve.seconds_each("verdict") == 0.5
    assert eve.an_hour == pytest.approx(7200)


def test_what_was_undone_costs_time_and_counts_for_nothing(store: LabelStore, clock: Clock) -> None:
    for number in (1, 2, 3):
        judge(store, range(number, number + 1))
        clock.now += 5
    store.undo("Eve", "u")
    eve = person(store)
    assert eve.counts == {"verdict": 2}
    assert eve.seconds == 15
    assert eve.timed == 1


def test_classes_stand_beside_their_targets(store: LabelStore) -> None:
    schema = LabelSchema(classes=("Bob", "Ann"), targets={"Bob": 1500}, box=True)
    store.use_schema(schema_as_json(schema))
    for number in (1, 2):
        label = Annotation("Ann", BOX, origin=Origin.PERSON)
        store.write([LabelChange.of_label(f"l{number}", number, "own", label)], "Eve")
    store.write([LabelChange.of_verdict("whole", 3, TRUE)], "Eve")
    figures = label_statistics(store)
    assert figures.classes == (ClassFigures("Bob", 0, 1500), ClassFigures("Ann", 3, None))
    assert (figures.pictures, figures.complete) == (30, 1)


def test_a_new_store_has_no_figures(tmp_path: Path) -> None:
    database = open_database(tmp_path / "new.db")
    figures = label_statistics(LabelStore(database))
    database.close()
    assert (figures.pictures, figures.methods, figures.people, figures.stale) == (0, (), (), 0)
    assert PersonFigures("Eve").an_hour is None
