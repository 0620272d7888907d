"""Results of a pool of workers in the order of the items."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

_WAITING = 2
"""Items per worker taken in advance: enough to keep all busy within bounded memory."""


def in_order(
    pool: Executor, workers: int, work: Callable[[T], R], items: Iterable[T]
) -> Iterator[tuple[T, R]]:
    """Yield every item with ``work(item)``, in order.

    An error is raised at the position of the missing result, an error of ``items`` after
    the results before it. Then, and if the caller stops early, items that are not yet started
    are cancelled.

    Args:
        pool: The executor that calls ``work``.
        workers: Number of items that the pool works on at a time.
        work: Called with each item.
        items: Taken lazily, a few in advance, in the caller's thread.

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
    """Yield the items; an error of ``items`` ends them and is added to ``failures``."""
    try:
        yield from items
    except Exception as error:  # noqa: BLE001 - raised again, after the results before it
        failures.append(error)
