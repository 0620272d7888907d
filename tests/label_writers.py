"""Processes of their own that write to a store of labels until they are killed or done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from closeup.annotations import Annotation, KeyPoint, LabelVerdict, Origin
from closeup.store.database import open_database
from closeup.store.label_records import LabelChange
from closeup.store.label_store import LabelStore

_CONTEXT = get_context("forkserver")  # a fork of a process that has imported the store, and no more
_CONTEXT.set_forkserver_preload(
    ["closeup.store.label_store", "closeup.store.migrating", "sqlalchemy.dialects.sqlite"]
)


def write_labels(where: str, author: str, actions: Connection, most: int | None) -> None:
    """Write one action after the other, and name each as soon as the store has it.

    Every fifth action undoes the one before it. The others set a point and a verdict on it.
    """
    store = LabelStore(open_database(where))
    for number in count() if most is None else range(most):
        action = f"{author} {number}"
        item = 1 + number % store.count()
        if number % 5 == 4:
            store.undo(author, action)
        else:
            label = Annotation(points={"pupil": KeyPoint(number, 0.5)}, origin=Origin.PERSON)
            key = f"{author} {number}"
            pair = [
                LabelChange.of_label(f"{action} label", item, key, label),
                LabelChange.of_verdict(f"{action} verdict", item, LabelVerdict.TRUE, key),
            ]
            store.write(pair, author, batch=action)
        actions.send(action)
    store.database.close()


@contextmanager
def writer(
    where: str, author: str, most: int | None = None
) -> Iterator[tuple[BaseProcess, Connection]]:
    """A process that writes, and the end of a pipe from which its actions come."""
    here, there = _CONTEXT.Pipe(duplex=False)
    process = _CONTEXT.Process(target=write_labels, args=(where, author, there, most))
    process.start()
    there.close()
    try:
        yield process, here
    finally:
        process.kill()
        process.join()
        here.close()


def received(actions: Connection, most: int | None = None) -> list[str]:
    """The next actions, or all until the writer ends."""
    found: list[str] = []
    with suppress(EOFError):
        while most is None or len(found) < most:
            found.append(actions.recv())
    return found
