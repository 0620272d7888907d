"""Which units a round asks."""

from __future__ import annotations

import numpy as np
import pytest

from closeup.acquisition.candidates import LabelCandidates
from closeup.acquisition.mixture import Mixture
from closeup.pipeline.loop.asking import MEASURED, chosen_units, with_measured
from closeup.pipeline.loop.loop_kind import LabelPool
from closeup.store.label_queue import Unit


def pool(count: int, first: dict[int, str] | None = None) -> LabelPool:
    units = [Unit(number + 1) for number in range(count)]
    spread = np.linspace(0, 1, count)
    predictions = np.stack([np.zeros((count, 2)), np.column_stack([spread, spread])])
    return LabelPool(units, LabelCandidates(np.arange(count), predictions), first or {})


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_the_urgent_ones_come_first_and_nothing_twice() -> None:
    entries = chosen_units(pool(20, {7: "called false", 3: "contradictory"}), 6, Mixture(), rng())
    assert entries[:2] == [(Unit(8), "called false"), (Unit(4), "contradictory")]
    assert len({unit for unit, _ in entries}) == len(entries) == 6
    assert all(reason for _, reason in entries)


def test_many_urgent_ones_take_the_whole_budget() -> None:
    entries = chosen_units(pool(9, dict.fromkeys(range(8), "called false")), 5, Mixture(), rng())
    assert [unit.item for unit, _ in entries] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("count", [0, 3])
def test_fewer_than_the_budget_are_all_asked(count: int) -> None:
    assert len(chosen_units(pool(count), 5, Mixture(), rng())) == count


def test_uncertain_ones_are_preferred() -> None:
    entries = chosen_units(pool(200), 20, Mixture(), rng())
    assert np.mean([unit.item for unit, _ in entries]) > 110


def test_a_pool_without_some_pictures_keeps_measures_and_reasons_together() -> None:
    left = pool(6, {1: "a", 4: "b"}).without({2, 4})
    assert [unit.item for unit in left.units] == [1, 3, 5, 6]
    assert {left.units[place].item: reason for place, reason in left.first.items()} == {5: "b"}
    assert left.candidates.pictures.tolist() == [0, 2, 4, 5]
    assert left.candidates.need("predictions").shape == (2, 4, 2)


def test_held_out_ones_replace_the_least_useful() -> None:
    entries = [(Unit(number), "x") for number in range(10)]
    held_out = [Unit(number) for number in range(100, 110)]
    found = with_measured(entries, held_out[:2], 10)
    assert found[:8] == entries[:8]
    assert found[8:] == [(Unit(100), MEASURED), (Unit(101), MEASURED)]
    assert with_measured(entries, [], 10) == entries
    assert with_measured([], held_out[:2], 10) == [(Unit(100), MEASURED), (Unit(101), MEASURED)]
