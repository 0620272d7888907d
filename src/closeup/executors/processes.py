"""Parallel work in other processes, for parts that hold the interpreter's lock."""

from __future__ import annotations

import os
import pickle
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
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
        pool = _Pool(count, get_context("spawn"), initializer=_receive, initargs=(_pickled(work),))
        try:
            with pool:
                yield from in_order(pool, count, _call, items)
        except BrokenProcessPool as error:
            raise PartError(
                "another process ended too early; put what your script does below if __name__ == "
                '"__main__", give fewer workers where memory is short, or work in threads'
            ) from error


_ENDING = {signal.SIGINT, signal.SIGTERM}
"""Signals that a terminal or a process manager sends to all processes of a job. The main process
ends the job in order; its workers ignore them, without tracebacks of their own."""


class _Pool(ProcessPoolExecutor):
    """Starts its workers with the ending signals blocked: one may come while Python starts."""

    def submit(self, fn: Callable[..., R], /, *args: Any, **kwargs: Any) -> Future[R]:
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
        try:
            return super().submit(fn, *args, **kwargs)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


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
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _work = pickle.loads(pickled)  # noqa: S301 - our own bytes


def _end_with_parent() -> None:
    """End this worker when the main process was killed, which would leave it waiting forever."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _call(item: Any) -> Any:
    assert _work is not None  # noqa: S101 - the pool calls the initializer first
    return _work(item)
