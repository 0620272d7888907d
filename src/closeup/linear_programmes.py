"""Linear programmes, with or without whole numbers, solved by HiGHS.

HiGHS is imported by itself, since ``scipy.optimize``, which contains it, takes 0.3 s to import.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from highspy import HighsLp

METHODS = ("simplex", "ipm")
"""Solvers in the order they are tried: the simplex is faster, but HiGHS has ended it without a
result in some cases (only with presolve off; therefore presolve is on)."""

Column = NDArray[np.float64]
"""One number a variable, a constraint or an entry; 1-D."""


@dataclass(frozen=True, slots=True, eq=False)
class Constraints:
    """Linear constraints: a sparse matrix in compressed columns.

    Attributes:
        count: Number of constraints, the rows of the matrix.
        starts: (n + 1,) index of the first entry of each of n columns, and the number of entries.
        rows: Row of each entry.
        values: Value of each entry.

    """

    count: int
    starts: NDArray[np.int32]
    rows: NDArray[np.int32]
    values: Column

    @classmethod
    def sums(cls, sets: Sequence[Sequence[int]], variables: int) -> Constraints:
        """One constraint a set: the sum of its variables, which are numbered from 0."""
        rows = np.repeat(np.arange(len(sets)), [len(members) for members in sets])
        columns = np.array([variable for members in sets for variable in members], np.int64)
        order = np.argsort(columns, kind="stable")
        starts = np.searchsorted(columns[order], np.arange(variables + 1))
        return cls(
            len(sets), starts.astype(np.int32), rows[order].astype(np.int32), np.ones(len(rows))
        )


@dataclass(frozen=True, slots=True, eq=False)
class Optimum:
    """The solution of a linear programme.

    Attributes:
        values: (n,) value of each variable.
        multipliers: (m,) derivative of the least cost by the limit of each constraint; without
            meaning for whole numbers.

    """

    values: Column
    multipliers: Column


def minimum(
    cost: Column,
    constraints: Constraints,
    sums: tuple[Column | float, Column | float],
    limits: tuple[Column | float, Column | float],
    *,
    whole: bool = False,
) -> Optimum:
    """Minimise ``cost`` times the variables.

    Args:
        cost: (n,) cost of each variable.
        constraints: m constraints on the n variables.
        sums: Least and greatest value of each constraint, (m,) or one number for all; may be
            infinite.
        limits: Least and greatest value of each variable, (n,) or one number for all.
        whole: Whether variables are whole numbers.

    Raises:
        ArithmeticError: there is no solution, or no solver found it.

    """
    from highspy._core import HighsModelStatus, _Highs  # highspy.Highs prints its version

    programme = _programme(cost, constraints, sums, limits, whole=whole)
    for method in ("choose",) if whole else METHODS:
        solver = _Highs()
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("solver", method)
        solver.setOptionValue("mip_rel_gap", 0.0)  # the default stops within 0.01 % of the optimum
        solver.passModel(programme)
        solver.run()
        if solver.getModelStatus() == HighsModelStatus.kOptimal:
            found = solver.getSolution()
            return Optimum(np.array(found.col_value), np.array(found.row_dual))
    raise ArithmeticError(
        f"a linear programme of {len(cost)} variables was not solved: {solver.getModelStatus()}"
    )


def _programme(
    cost: Column,
    constraints: Constraints,
    sums: tuple[Column | float, Column | float],
    limits: tuple[Column | float, Column | float],
    *,
    whole: bool,
) -> HighsLp:
    import highspy

    programme = highspy.HighsLp()
    programme.num_col_, programme.num_row_ = len(cost), constraints.count
    programme.col_cost_ = cost
    programme.col_lower_, programme.col_upper_ = (
        np.broadcast_to(np.asarray(limit, np.float64), len(cost)).copy() for limit in limits
    )
    programme.row_lower_, programme.row_upper_ = (
        np.broadcast_to(np.asarray(limit, np.float64), constraints.count).copy() for limit in sums
    )
    programme.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    programme.a_matrix_.start_ = constraints.starts
    programme.a_matrix_.index_ = constraints.rows
    programme.a_matrix_.value_ = constraints.values
    if whole:
        programme.integrality_ = [highspy.HighsVarType.kInteger] * len(cost)
    return programme
