"""What a store has reported as written is in it, however its writers end."""

from __future__ import annotations

import sqlite3
import time
from collections import defaultdict
from contextlib import closing

import numpy as np
import pytest

from closeup.annotations import AnnotatedPicture
from closeup.store.database import open_database
from closeup.store.label_import import import_pictures
from closeup.store.label_records import RevisionRecord
from closeup.store.label_store import LabelStore
from closeup.store.label_tables import Subject
from tests.label_writers import received, writer

KILLS = {"sqlite": 100, "postgresql": 25}


def fill(where: str) -> None:
    """Ten pictures without labels."""
    database = open_database(where)
    import_pictures(LabelStore(database), (AnnotatedPicture(f"{n}.jpg") for n in range(10)))
    database.close()


def check(where: str, reported: list[str]) -> dict[str, list[RevisionRecord]]:
    """Compare the store with what its writers reported; return the revisions of each batch."""
    if "://" not in where:
        with closing(sqlite3.connect(where)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    database = open_database(where)
    store = LabelStore(database)
    batches = defaultdict(list)
    for row in store.revisions(limit=1_000_000):
        batches[row.batch].append(row)
    assert set(reported) <= set(batches)
    assert {len(rows) for rows in batches.values()} == {2}  # no half of an action
    newest = {(row.item, row.object, row.subject): row for rows in batches.values() for row in rows}
    shown = {(item.id, label.object): label for item in store.all_items() for label in item.labels}
    for (item, key, subject), row in newest.items():
        if row.content is None:
            assert (item, key) not in shown
        elif subject is Subject.LABEL:
            assert shown[item, key].annotation.as_json() == row.content
        else:
            assert str(shown[item, key].annotation.verdict) == row.content["verdict"]
    database.close()
    return batches


def test_kill_9_loses_nothing_that_was_reported(
    store_place: str, request: pytest.FixtureRequest
) -> None:
    fill(store_place)
    kills = KILLS[request.node.callspec.params["store_place"]]
    dice = np.random.default_rng(0)
    reported: list[str] = []
    wrote = 0
    for kill in range(kills):
        with writer(store_place, f"author {kill}") as (process, actions):
            own = received(actions, int(dice.integers(0, 8)))
            time.sleep(dice.uniform(0, 0.004))  # into the midst of a transaction
            process.kill()
            own += received(actions)
        wrote += bool(own)
        reported += own
        if kill % 10 == 9:
            check(store_place, reported)
    batches = check(store_place, reported)
    assert wrote > 0.7 * kills
    # What was killed between the store's report and this test's receipt may be there as well.
    assert len(batches) <= len(reported) + kills


def test_two_processes_write_to_one_store_at_once(store_place: str) -> None:
    fill(store_place)
    with (
        writer(store_place, "ann", 200) as (_, of_ann),
        writer(store_place, "bob", 200) as (_, of_bob),
    ):
        reported = received(of_ann) + received(of_bob)
    assert len(reported) == 400
    assert set(check(store_place, reported)) == set(reported)
