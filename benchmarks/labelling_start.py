"""Time until a person can label, and of each action, in a store of 100,000 pictures.

The store has 500,000 proposals, five a picture. It is made in a temporary folder by importing them;
``import`` tells the labels a second. ``start`` is a fresh process that imports what the labeller in
the browser needs, opens the store and reads the first page with the counts. The other rows repeat
one action in one process: ``next undecided`` after the beginning, the middle and the end of the
store, where half of the labels are decided by turns. ``p95`` is the 95th percentile. ``ratio``
divides the median by that of one insert of one row by Python's sqlite3, flushed to the same disk in
the same run.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from uuid import uuid4

from benchmarks.recording import save, show
from closeup.annotations import AnnotatedPicture, Annotation, KeyPoint, LabelVerdict, Origin
from closeup.geometry import Size
from closeup.labelling.label_task import TASKS
from closeup.labelling.session import LabelSession
from closeup.store.database import open_database
from closeup.store.label_import import import_pictures
from closeup.store.label_queue import Unit
from closeup.store.label_store import LabelStore

PROPOSALS = 5
"""Proposals of each picture."""
_START = """
import json, sys, time
begin = time.perf_counter()
import fastapi, uvicorn
from closeup.labelling.label_task import TASKS
from closeup.labelling.project import LabelProject
from closeup.labelling.shown_pictures import FolderPictures
from closeup.store.database import open_database
from closeup.store.label_store import LabelStore
from pathlib import Path
imported = time.perf_counter()
store = LabelStore(open_database(sys.argv[1]))
session = LabelProject(store, TASKS["review"], FolderPictures(Path())).session("ann")
first = session.start()
views = session.views([first, *session.following(first, 24)])
assert len(views) == 25
counts = session.counts()
ready = time.perf_counter()
print(json.dumps({"imports": imported - begin, "store": ready - imported, "all": counts.all}))
"""


@dataclass(frozen=True)
class Timed:
    """Seconds of several runs of one action."""

    name: str
    seconds: list[float]

    def row(self, unit: float) -> dict[str, object]:
        """Milliseconds; ``unit`` is the second that the ratio is taken to."""
        ordered = sorted(self.seconds)
        median = statistics.median(ordered)
        return {
            "action": self.name,
            "median_ms": round(1000 * median, 1),
            "p95_ms": round(1000 * ordered[int(0.95 * (len(ordered) - 1))], 1),
            "ratio": round(median / unit, 1),
        }


def main() -> None:
    """Measure, print a table, and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder) / "labels.sqlite"
        importing = fill(where, options.pictures)
        starts = [started(where) for _ in range(5)]
        insert = Timed("sqlite3 alone: one row", timed(bare_insert(Path(folder)), options.rounds))
        actions = [insert, *measured(where, options.rounds)]
        size = where.stat().st_size
    unit = statistics.median(insert.seconds)
    rows = [action.row(unit) for action in actions]
    show("Actions of a labeller", rows)
    start = {name: round(statistics.median(one[name] for one in starts), 3) for name in starts[0]}
    slowest = round(max(one["process"] for one in starts), 3)
    show("A fresh process until the first page, in seconds", [{**start, "slowest": slowest}])
    result = {
        "pictures": options.pictures,
        "proposals": PROPOSALS * options.pictures,
        "store_mib": round(size / 2**20),
        "import_labels_per_second": round(PROPOSALS * options.pictures / importing),
        "start_seconds": {**start, "slowest": slowest},
        "actions": rows,
    }
    show("The store", [{k: v for k, v in result.items() if isinstance(v, int)}])
    save("labelling_start", result)


def fill(where: Path, pictures: int) -> float:
    """Import all proposals, then decide every second one of the first half; return seconds."""
    database = open_database(where)
    store = LabelStore(database)
    begin = time.perf_counter()
    import_pictures(store, proposed(pictures))
    seconds = time.perf_counter() - begin
    session = LabelSession(store, TASKS["review"], "bob")
    for batch in range(20):
        units = session.following(None if not batch else units[-1], 500)
        session.judge(session.views(units[::2]), LabelVerdict.TRUE)
    database.close()
    return seconds


def proposed(pictures: int) -> Iterator[AnnotatedPicture]:
    """Pictures with proposals of a network."""
    for number in range(pictures):
        eyes = tuple(
            Annotation(
                points={"pupil": KeyPoint(100.125 + 60 * eye, 80.25)},
                origin=Origin.MODEL,
                method="closeup-pupils",
                version="1",
                score=0.75,
            )
            for eye in range(PROPOSALS)
        )
        yield AnnotatedPicture(f"{number // 1000:03}/{number:06}.jpg", None, Size(1920, 1080), eyes)


def started(where: Path) -> dict[str, float]:
    """Seconds of a fresh process: of its imports, of the store, and from outside."""
    begin = time.perf_counter()
    command = [sys.executable, "-c", _START, str(where)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds = time.perf_counter() - begin
    found = json.loads(done.stdout)
    return {"imports": found["imports"], "store": found["store"], "process": seconds}


def measured(where: Path, rounds: int) -> Iterator[Timed]:
    """The actions of a person."""
    database = open_database(where)
    store = LabelStore(database)
    session = LabelSession(store, TASKS["review"], "ann")
    last = store.count()
    places = {"beginning": None, "middle": Unit(last // 2, "~"), "end": Unit(last - 1, "~")}
    for name, unit in places.items():
        after = timed(lambda unit=unit: session.following(unit, undecided=True), rounds)
        yield Timed(f"next undecided, {name}", after)
    yield Timed("first undecided", timed(session.start, rounds))
    yield Timed("25 views", timed(lambda: session.views(session.following(None, 25)), rounds))
    yield Timed("counts", timed(session.counts, rounds))
    number = count()
    units = session.following(places["middle"], 3 * rounds)

    def judge() -> None:
        session.judge(session.views([units[next(number)]]), LabelVerdict.TRUE)

    yield Timed("a verdict, with its view", timed(judge, rounds))
    yield Timed("undo", timed(session.undo, rounds))

    def key() -> None:
        unit = units[next(number)]
        session.judge(session.views([unit]), LabelVerdict.TRUE)
        following = session.following(unit, undecided=True)
        session.leases.take([following[0].item])
        session.views(following)

    yield Timed("verdict to next view", timed(key, rounds))
    database.close()


def bare_insert(folder: Path) -> Callable[[], None]:
    """One insert by Python's own driver, flushed to the disk."""
    connection = sqlite3.connect(folder / "bare.sqlite", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE actions (name TEXT)")

    def insert() -> None:
        connection.execute("INSERT INTO actions VALUES (?)", (uuid4().hex,))

    return insert


def timed(work: Callable[[], object], rounds: int) -> list[float]:
    """Seconds of each of several runs."""
    seconds = []
    for _ in range(rounds):
        begin = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begin)
    return seconds


if __name__ == "__main__":
    main()
