"""Run an iterator ahead of its reader in a background thread."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _End:
    """The last item of the queue: the end of the iterator, with its error if there was one."""

    error: BaseException | None = None


def ahead(items: Iterable[T], depth: int) -> Generator[T, None, None]:
    """Yield ``items`` in order while a thread produces up to ``depth`` of them in advance.

    Decoding and resizing release the interpreter's lock, so they run in parallel with the
    reader. An error of ``items`` is raised in the reader. If the reader stops early, the thread
    ends, and ``items`` is closed if it is a generator.
    """
    return _read(items, queue.Queue(depth), queue.Queue.put)


def latest(items: Iterable[T]) -> Generator[T, None, None]:
    """Yield the newest of ``items`` each time, and leave out those that the reader is too late for.

    A thread takes the items, as from a camera, so that a slow reader does not fall behind. The last
    item is always yielded. Errors are raised and threads end as in :func:`ahead`.
    """
    return _read(items, queue.Queue(1), _replace)


_Put = Callable[["queue.Queue[T | _End]", T], None]


def _read(
    items: Iterable[T], made: queue.Queue[T | _End], put: _Put[T]
) -> Generator[T, None, None]:
    """Yield what a thread puts into a queue, and end the thread with the reader."""
    stop = threading.Event()
    thread = threading.Thread(target=_make, args=(items, made, put, stop), daemon=True)
    try:
        thread.start()  # within the block: a signal may come as it starts
        while not isinstance(item := made.get(), _End):
            yield item
        if item.error is not None:
            raise item.error
    finally:
        stop.set()
        while thread.is_alive():
            _drain(made)
            thread.join(timeout=0.05)


def _replace(slot: queue.Queue[T | _End], item: T) -> None:
    """Put an item in place of the one that waits."""
    _drain(slot)
    slot.put(item)


def _make(
    items: Iterable[T], made: queue.Queue[T | _End], put: _Put[T], stop: threading.Event
) -> None:
    end = _End()
    try:
        for item in items:
            put(made, item)
            if stop.is_set():
                break
        if isinstance(items, Generator):  # releases its resources, such as threads, now
            items.close()
    except BaseException as error:  # noqa: BLE001 - raised again in the reader's thread
        end = _End(error)
    made.put(end)


def _drain(made: queue.Queue[T | _End]) -> None:
    while True:
        try:
            made.get_nowait()
        except queue.Empty:
            return
