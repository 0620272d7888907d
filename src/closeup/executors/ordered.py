"""Results of a pool of workers in the order of the items."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

_WAITING = 2
"""Items a worker that are taken in advance: enough that none idles, and memory stays bounded."""


def in_order(
    pool: Executor, workers: int, work: Callable[[T], R], items: Iterable[T]
) -> Iterator[tuple[T, R]]:
    """Yield every item with ``work(item)``, in order.

    An error is raised in the place of the result that it prevented, an error of ``items`` after
    the results before it. Then, and when the reader stops early, the items that no worker has
    begun are given up.

    Args:
        pool: Calls ``work``.
        workers: How many items it works on at a time.
        work: Called with each item.
        items: Taken lazily, a few in advance, in the reader's own thread.

    """
    pending: deque[tuple[T, Future[R]]] = deque()
    failures: list[Exception] = []
    try:
        for item in _until_failure(items, failures):
            pending.append((item, pool.submit(work, item)))
            if len(pending) >= _WAITING * workers:
                done, future = pending.popleft()
                yield done, future.result()
        while pending:
            done, future = pending.popleft()
            yield done, future.result()
    finally:
        for _, future in pending:
            future.cancel()
    for failure in failures:
        raise failure


def _until_failure(items: Iterable[T], failures: list[Exception]) -> Iterator[T]:
    """The items; an error of theirs ends them and is added to ``failures``."""
    try:
        yield from items
    except Exception as error:  # noqa: BLE001 - raised again, after the results before it
        failures.append(error)
