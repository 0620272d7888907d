from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy.optimize import linear_sum_assignment, linprog

import closeup.linear_programmes as module
from closeup.linear_programmes import Constraints, minimum

SQUARE = [[0, 1], [2, 3], [0, 2], [1, 3]]
"""Rows and columns of a square of four variables."""


def at_most_one(sets: list[list[int]], cost: np.ndarray, *, whole: bool = False) -> np.ndarray:
    constraints = Constraints.sums(sets, len(cost))
    return minimum(cost, constraints, (-np.inf, 1.0), (0.0, 1.0), whole=whole).values


@pytest.mark.parametrize("method", module.METHODS)
def test_each_solver_finds_it_alone(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "METHODS", (method,))
    chosen = at_most_one(SQUARE, np.array([-1.0, -3.0, -3.0, -1.0]))
    assert chosen == pytest.approx([0, 1, 1, 0], abs=1e-9)


@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 1 << 30))
def test_values_and_multipliers_are_those_of_scipy(variables: int, rows: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    sets = [np.flatnonzero(rng.random(variables) < 0.5).tolist() for _ in range(rows)]
    cost, limits = rng.normal(size=variables), rng.uniform(0.5, 2, rows)
    dense = np.array([[variable in members for variable in range(variables)] for members in sets])
    expected = linprog(cost, dense, limits, bounds=(0, 1))
    found = minimum(cost, Constraints.sums(sets, variables), (-np.inf, limits), (0.0, 1.0))
    assert found.values @ cost == pytest.approx(expected.fun, abs=1e-7)
    assert np.all(found.multipliers <= 1e-9)
    bound = found.multipliers @ limits + np.minimum(cost - found.multipliers @ dense, 0).sum()
    assert bound == pytest.approx(expected.fun, abs=1e-7)


@given(st.integers(2, 5), st.integers(0, 1 << 30))
def test_an_assignment_is_whole_without_saying_so(side: int, seed: int) -> None:
    cost = -np.random.default_rng(seed).random((side, side))
    numbers = np.arange(side * side).reshape(side, side)
    chosen = at_most_one([*numbers.tolist(), *numbers.T.tolist()], cost.ravel())
    assert chosen.reshape(side, side)[linear_sum_assignment(cost)] == pytest.approx(1)


def test_whole_numbers_differ_from_shares() -> None:
    odd = [[0, 1], [1, 2], [0, 2]]
    cost = np.array([-1.0, -1.0, -1.0])
    assert at_most_one(odd, cost) == pytest.approx(0.5)
    assert sorted(at_most_one(odd, cost, whole=True)) == pytest.approx([0, 0, 1])


def test_what_cannot_be_solved_is_an_error() -> None:
    with pytest.raises(ArithmeticError, match="2 variables"):
        minimum(np.ones(2), Constraints.sums([[0, 1]], 2), (3.0, 4.0), (0.0, 1.0))


def test_nothing_is_printed() -> None:
    program = """
import numpy as np
from closeup.linear_programmes import Constraints, minimum
once = Constraints.sums([[0, 1]], 2)
for whole in (False, True):
    minimum(-np.ones(2), once, (-np.inf, 1.0), (0.0, 1.0), whole=whole)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout == done.stderr == b""
