import threading

import pytest

from closeup.executors.threads import ordered_map


def test_results_come_in_order_whoever_is_first() -> None:
    first_may_end = threading.Event()

    def work(item: int) -> int:
        if item == 0:
            assert first_may_end.wait(timeout=30)
        elif item == 1:
            first_may_end.set()
        return item * item

    assert list(ordered_map(work, range(20), workers=2)) == [i * i for i in range(20)]


def test_nothing_in_nothing_out() -> None:
    assert list(ordered_map(str, [])) == []


def test_items_are_taken_a_few_in_advance_only() -> None:
    items = iter(range(1000))
    results = ordered_map(str, items, workers=2)
    assert next(results) == "0"
    assert next(items) <= 4
    results.close()  # type: ignore[attr-defined]
    assert next(items) <= 5


def test_an_error_comes_in_its_place() -> None:
    def work(item: int) -> int:
        if item == 2:
            raise ValueError("two")
        return item

    results = ordered_map(work, range(10), workers=2)
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(ValueError, match="two"):
        next(results)
