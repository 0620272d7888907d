"""Names that are too uncertain are withheld, and kept for the report."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from closeup.fancam.assign import NOBODY
from closeup.fancam.identity_assignment import Grounds, IdentityAssignment


def assignment(members: NDArray[np.int64], confidence: NDArray[np.float64]) -> IdentityAssignment:
    nobody = np.full(len(members), NOBODY)
    evidence, none = np.zeros((len(members), 2)), np.zeros((0, 2))
    apart = np.zeros((len(members), len(members)), bool)
    return IdentityAssignment(
        members,
        confidence,
        evidence,
        (),
        nobody,
        Grounds(none, none, none[:, 0], none[:, 0]),
        {},
        apart,
    )


SOME = assignment(np.array([0, 1, NOBODY, 1]), np.array([0.95, 0.8, 0.5, 1.0]))


@pytest.mark.parametrize(
    ("risk", "shown"), [(0.0, [3]), (0.01, [0, 3]), (0.03, [0, 1, 3]), (0.1, [0, 1, 3])]
)
def test_more_risk_shows_more(risk: float, shown: list[int]) -> None:
    found = SOME.within(risk)
    assert np.flatnonzero(found.members != NOBODY).tolist() == shown


def test_what_is_withheld_is_probably_the_member_and_nobody_less_probably() -> None:
    found = SOME.within(0.01)
    assert found.members.tolist() == [0, NOBODY, NOBODY, 1]
    assert found.withheld.tolist() == [NOBODY, 1, NOBODY, NOBODY]
    np.testing.assert_allclose(found.confidence, [0.95, 0.2, 0.5, 1.0])


@given(
    arrays(np.int64, 5, elements=st.integers(NOBODY, 1)),
    arrays(np.float64, 5, elements=st.floats(0, 1)),
    st.floats(0, 1),
)
def test_every_name_is_shown_or_withheld(
    members: NDArray[np.int64], confidence: NDArray[np.float64], risk: float
) -> None:
    found = assignment(members, confidence).within(risk)
    np.testing.assert_array_equal(np.maximum(found.members, found.withheld), members)
    assert not ((found.members != NOBODY) & (found.withheld != NOBODY)).any()
    corrected = confidence == 1
    np.testing.assert_array_equal(found.members[corrected], members[corrected])
