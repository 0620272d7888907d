"""Time until a person can label, and of each action, in a store of 100,000 pictures.

The store has 500,000 proposals, five a picture. It is made in a temporary folder by importing them;
``import`` tells the labels a second. ``start`` is a fresh process that imports what the labeller in
the browser needs, looks for new pictures in the folder, opens the store and reads the first page
with the counts; ``processor`` is the processor time of all of it, which other programs disturb
less. The other rows repeat one action in one process: ``next undecided`` after the beginning, the
middle and the end of the store, with half of the first 10,000 labels decided by turns. ``p95`` is
the 95th percentile. ``ratio`` divides the median by that of one insert of one row by Python's
sqlite3, flushed to the same disk in the same run.
"""

from __future__ import annotations

import argparse
import json
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import count as numbers
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
import uvicorn
from closeup.pipeline.labelling.label_projects import ProjectOptions, open_label_project
from closeup.web.labelling import app
imported = time.perf_counter()
options = ProjectOptions(store=sys.argv[2])
with open_label_project(sys.argv[1], "review", options) as project:
    session = project.session("ann")
    first = session.start()
    views = session.views([first, *session.following(first, 24)])
    counts = session.counts()
    ready = time.perf_counter()
assert len(views) == 25 and counts.all > 0
print(json.dumps({"imports": imported - begin, "store": ready - imported}))
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
        where, pictures = Path(folder) / "labels.sqlite", Path(folder) / "pictures"
        name_pictures(pictures, options.pictures)
        importing = fill(where, options.pictures)
        starts = [started(pictures, where) for _ in range(5)]
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


def name_pictures(folder: Path, count: int) -> None:
    """Make empty files: only their names are read before a picture is shown."""
    for picture in proposed(count):
        path = folder / picture.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def fill(where: Path, pictures: int) -> float:
    """Import all proposals, then decide some of them; return the seconds of the import."""
    database = open_database(where)
    store = LabelStore(database)
    begin = time.perf_counter()
    import_pictures(store, proposed(pictures))
    seconds = time.perf_counter() - begin
    session = LabelSession(store, TASKS["review"], "bob")
    unit = None
    for _ in range(20):
        units = session.following(unit, 500)
        session.judge(session.views(units[::2]), LabelVerdict.TRUE)
        unit = units[-1]
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


def started(pictures: Path, where: Path) -> dict[str, float]:
    """Seconds of a fresh process: of its imports, of the store, from outside, of processors."""
    begin, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-c", _START, str(pictures), str(where)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, after = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {**json.loads(done.stdout), "process": seconds, "processor": processor}


def measured(where: Path, rounds: int) -> Iterator[Timed]:
    """The actions of a person."""
    database = open_database(where)
    store = LabelStore(database)
    session = LabelSession(store, TASKS["review"], "ann")
    last = store.count()
    places = {"beginning": None, "middle": Unit(last // 2, "~"), "end": Unit(last - 1, "~")}
    for name, unit in places.items():
        after = timed(partial(session.following, unit, undecided=True), rounds)
        yield Timed(f"next undecided, {name}", after)
    yield Timed("first undecided", timed(session.start, rounds))
    yield Timed("25 views", timed(lambda: session.views(session.following(None, 25)), rounds))
    yield Timed("counts", timed(session.counts, rounds))
    number = numbers()
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
