"""Names that are too uncertain are withheld, and kept for the report."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from closeup.fancam.assign import NOBODY, Gains
from closeup.fancam.confidence import among_persons, linked
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


def both(odds: float, persons: int = 3) -> Gains:
    """The same log odds of all appearances of one member."""
    return Gains(np.full((persons, 1), odds), np.full((persons, 1), odds))


@pytest.mark.parametrize("persons", [1, 2, 3])
def test_of_equally_likely_persons_each_is_the_member_with_the_same_probability(
    persons: int,
) -> None:
    members = np.array([0] + [NOBODY] * (persons - 1))
    apart = ~np.eye(persons, dtype=bool)
    found = among_persons(both(6.0, persons), apart, members, np.array([0]))
    np.testing.assert_allclose(found, [1 / persons] + [1] * (persons - 1))


def test_who_is_seen_beside_a_further_appearance_cannot_be_the_member() -> None:
    gains, members, mains = both(6.0), np.array([0, 0, NOBODY]), np.array([0])
    apart = np.zeros((3, 3), bool)
    np.testing.assert_allclose(among_persons(gains, apart, members, mains), [0.5, 1, 1])
    apart[1, 2] = apart[2, 1] = True
    np.testing.assert_allclose(among_persons(gains, apart, members, mains), [1, 0.5, 1])


def test_the_first_tracklet_of_a_person_belongs_to_it_and_others_the_more_the_surer() -> None:
    found = linked(np.array([np.inf, 9.0, 3.0]))
    assert found[0] == 1
    assert 1 > found[1] > 0.95 > found[2] > 0.8
