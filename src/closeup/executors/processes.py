"""Parallel work in other processes, for parts that hold the interpreter's lock."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any, TypeVar

from closeup.errors import PartError
from closeup.executors.ordered import in_order

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Processes:
    """Calls a function in other processes.

    The function is pickled once, and each worker unpickles it at its
    start. Parts of Closeup pickle as the bytes or names of their files, so that each worker opens
    a model once; a user's own part follows its own pickling rules.

    Attributes:
        workers: Number of processes; None for one per processor.

    """

    workers: int | None = None

    separate = True
    """Items and results are pickled."""

    def map(self, work: Callable[[T], R], items: Iterable[T]) -> Iterator[tuple[T, R]]:
        """See :meth:`closeup.protocols.Executor.map`.

        Raises:
            PartError: the function, or a part that it uses, cannot be pickled, or a worker died.

        """
        count = self.workers or os.cpu_count() or 1
        pool = ProcessPoolExecutor(
            count, get_context("spawn"), initializer=_receive, initargs=(_pickled(work),)
        )
        try:
            with pool:
                yield from in_order(pool, count, _call, items)
        except BrokenProcessPool as error:
            raise PartError(
                "another process ended too early; put what your script does below if __name__ == "
                '"__main__", give fewer workers where memory is short, or work in threads'
            ) from error


def _pickled(work: Callable[[Any], Any]) -> bytes:
    try:
        return pickle.dumps(work)
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        raise PartError(
            f"a part cannot be sent to another process ({error}); give a part that can be "
            "pickled, or work in threads"
        ) from error


_work: Callable[[Any], Any] | None = None
"""The function of this worker process."""


def _receive(pickled: bytes) -> None:
    global _work
    _work = pickle.loads(pickled)  # noqa: S301 - our own bytes


def _call(item: Any) -> Any:
    assert _work is not None  # noqa: S101 - the pool calls the initializer first
    return _work(item)
