"""Parallel work in threads: numpy, OpenCV and onnxruntime release the interpreter's lock."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from closeup.executors.ordered import in_order

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Threads:
    """Calls a function in threads.

    Attributes:
        workers: Number of threads; None for one per processor.

    """

    workers: int | None = None

    separate = False
    """Items and results are shared, not pickled."""

    def map(self, work: Callable[[T], R], items: Iterable[T]) -> Iterator[tuple[T, R]]:
        """See :meth:`closeup.protocols.Executor.map`."""
        count = self.workers or os.cpu_count() or 1
        with ThreadPoolExecutor(count) as pool:
            yield from in_order(pool, count, work, items)


def ordered_map(
    work: Callable[[T], R], items: Iterable[T], workers: int | None = None
) -> Iterator[R]:
    """Yield ``work(item)`` for every item, in the items' order, computed in threads.

    See :class:`Threads`.

    Args:
        work: Called from several threads at the same time.
        items: Taken lazily, a few in advance, in the caller's thread.
        workers: Number of threads; None for one per processor.

    """
    return (result for _, result in Threads(workers).map(work, items))
