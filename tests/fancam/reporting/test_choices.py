from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from closeup.fancam.assign import NOBODY
from closeup.fancam.cast import IdentityAssignment
from closeup.fancam.reporting.choices import choices


def cast_of(
    evidence: NDArray[np.float64], members: list[int], confidence: float | list[float] = 0.5
) -> IdentityAssignment:
    return IdentityAssignment(
        np.array(members), np.broadcast_to(confidence, len(members)), evidence
    )


def test_a_member_with_another_member_behind() -> None:
    (choice,) = choices(cast_of(np.array([[2.0, -4.0, 1.0]]), [0], 0.7))
    assert (choice.member, choice.confidence, choice.runner_up) == (0, 0.7, 2)
    assert choice.odds == pytest.approx(np.e)
    assert choice.doubt == pytest.approx(0.3)
    assert not choice.corrected


def test_a_member_with_nobody_behind() -> None:
    (choice,) = choices(cast_of(np.array([[2.0, -4.0]]), [0]))
    assert choice.runner_up == NOBODY
    assert choice.odds == pytest.approx(np.exp(2))


def test_nobody_although_a_member_is_likelier() -> None:
    (choice,) = choices(cast_of(np.array([[3.0, -4.0]]), [NOBODY]))
    assert choice.runner_up == 0
    assert choice.odds == pytest.approx(np.exp(-3))


def test_only_a_person_is_entirely_sure() -> None:
    first, second = choices(cast_of(np.zeros((2, 1)), [0, NOBODY], [1, 1 - 1e-7]))
    assert (first.corrected, second.corrected) == (True, False)


def test_no_tracklets() -> None:
    assert choices(cast_of(np.zeros((0, 3)), [], [])) == []


@given(arrays(np.float64, (4, 3), elements=st.floats(-15, 15)), st.data())
def test_the_runner_up_is_the_best_of_the_others(
    evidence: NDArray[np.float64], data: st.DataObject
) -> None:
    members = data.draw(st.lists(st.integers(-1, 2), min_size=4, max_size=4))
    for row, choice in zip(evidence, choices(cast_of(evidence, members)), strict=True):
        value = {NOBODY: 0.0, **dict(enumerate(row))}
        assert choice.runner_up != choice.member
        assert all(value[m] <= value[choice.runner_up] for m in value if m != choice.member)
        assert np.log(choice.odds) == pytest.approx(value[choice.member] - value[choice.runner_up])
