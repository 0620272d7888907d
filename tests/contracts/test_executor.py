"""What every executor must do."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest

from closeup.executors.processes import Processes
from closeup.executors.threads import Threads
from closeup.protocols import Executor


def square(item: int) -> int:
    return item * item


def refuse_two(item: int) -> int:
    if item == 2:
        raise ValueError("two")
    return item


def here(_: int) -> tuple[int, int]:
    return os.getpid(), threading.get_ident()


@pytest.fixture(params=[Threads, Processes])
def executor(request: pytest.FixtureRequest) -> Executor:
    made: Executor = request.param(2)
    return made


def test_results_come_in_order_with_their_items(executor: Executor) -> None:
    assert list(executor.map(square, range(20))) == [(i, i * i) for i in range(20)]


def test_nothing_in_nothing_out(executor: Executor) -> None:
    assert list(executor.map(square, [])) == []


def test_items_are_taken_a_few_in_advance_only(executor: Executor) -> None:
    items = iter(range(1000))
    results = executor.map(square, items)
    assert next(results) == (0, 0)
    assert next(items) <= 4
    results.close()  # type: ignore[attr-defined]
    assert next(items) <= 5


def test_an_error_comes_in_its_place(executor: Executor) -> None:
    results = executor.map(refuse_two, range(10))
    assert [next(results), next(results)] == [(0, 0), (1, 1)]
    with pytest.raises(ValueError, match="two"):
        next(results)


def test_an_error_of_the_items_comes_after_the_results_before_it(executor: Executor) -> None:
    def failing() -> Iterator[int]:
        yield 1
        raise OSError("unplugged")

    results = executor.map(square, failing())
    assert next(results) == (1, 1)
    with pytest.raises(OSError, match="unplugged"):
        next(results)


def test_work_runs_where_the_executor_says(executor: Executor) -> None:
    own = here(0)
    for _, (process, thread) in executor.map(here, range(4)):
        assert (process != own[0]) == executor.separate
        assert (process, thread) != own
