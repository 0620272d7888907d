from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from closeup.background import ahead, latest


def test_keeps_the_order() -> None:
    assert list(ahead(range(1000), depth=3)) == list(range(1000))


def test_makes_items_before_they_are_read() -> None:
    made = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        made.set()
        yield 2

    reader = ahead(items(), depth=2)
    assert next(reader) == 1
    assert made.wait(timeout=10)
    assert list(reader) == [2]


def test_raises_the_error_after_the_items_before_it() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    reader = ahead(items(), depth=2)
    assert next(reader) == 1
    with pytest.raises(ValueError, match="broken"):
        next(reader)


def test_a_reader_that_stops_closes_the_items() -> None:
    closed = threading.Event()

    def items() -> Iterator[int]:
        try:
            while True:
                yield 1
        finally:
            closed.set()

    held = items()
    reader = ahead(held, depth=2)
    assert next(reader) == 1
    reader.close()
    assert closed.is_set()


def test_a_reader_that_stops_ends_the_thread() -> None:
    before = threading.active_count()
    reader = ahead(iter(int, 1), depth=2)
    assert next(reader) == 0
    reader.close()
    assert threading.active_count() == before


def test_latest_leaves_out_what_the_reader_is_too_late_for() -> None:
    taken = threading.Event()
    made = threading.Event()

    def items() -> Iterator[int]:
        yield 0
        assert taken.wait(timeout=10)
        yield from range(1, 50)
        made.set()

    reader = latest(items())
    assert next(reader) == 0
    taken.set()
    assert made.wait(timeout=10)
    later = list(reader)
    assert later[-1] == 49
    assert len(later) < 49


def test_latest_raises_errors_and_ends_its_thread() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise ValueError("unplugged")

    before = threading.active_count()
    with pytest.raises(ValueError, match="unplugged"):
        list(latest(broken()))
    reader = latest(iter(int, 1))
    assert next(reader) == 0
    reader.close()
    assert threading.active_count() == before
