"""Work on many items in threads: numpy, OpenCV and onnxruntime release the interpreter's lock."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

_WAITING = 2
"""Items a worker that are taken in advance: enough that none idles, and memory stays bounded."""


def ordered_map(
    work: Callable[[T], R], items: Iterable[T], workers: int | None = None
) -> Iterator[R]:
    """Yield ``work(item)`` for every item, in their order, from so many threads.

    An error is raised in the place of the result that it prevented; then, and when the
    reader stops early, what has not begun is given up.

    Args:
        work: Called from several threads at a time.
        items: Taken lazily, a few in advance, in the reader's own thread.
        workers: Threads, by default one a processor.

    """
    count = workers or os.cpu_count() or 1
    pending: deque[Future[R]] = deque()
    with ThreadPoolExecutor(count) as pool:
        try:
            for item in items:
                pending.append(pool.submit(work, item))
                if len(pending) >= _WAITING * count:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()
