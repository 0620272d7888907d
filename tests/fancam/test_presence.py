"""Prior odds go with the number of lasting persons and of members who were found."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from closeup.fancam.assign import NOBODY
from closeup.fancam.corrections import Corrections
from closeup.fancam.identity_assignment import IdentityAssignment, assign_members
from closeup.fancam.presence import BYSTANDER, Presence, lasting
from closeup.identity.gallery import Gallery
from closeup.tracks import Tracklet
from tests.calibrations import plain
from tests.fancam.tracklet_maker import make_tracklet
from tests.fancam.two_members import between, timeline

SHARES = arrays(np.float64, st.integers(1, 6), elements=st.floats(0, 1))


def presence(weights: Sequence[float], rivals: float = 1, available: float = 1) -> Presence:
    weighed = np.array(weights)
    return Presence(weighed, np.full(len(weighed), available), np.full((len(weighed), 1), rivals))


def test_who_is_seen_for_a_third_of_the_video_is_who_it_is_about() -> None:
    found = lasting(np.array([0.9, 1 / 3, 0.1]))
    np.testing.assert_allclose(found, [1, 1, 0.3])


def test_where_nobody_is_seen_for_long_the_one_seen_most_is_who_it_is_about() -> None:
    np.testing.assert_allclose(lasting(np.array([0.1, 0.05, 0.0])), [1, 0.5, 0])


@given(SHARES)
def test_longer_is_more_lasting(shares: NDArray[np.float64]) -> None:
    found = lasting(np.sort(shares))
    assert (np.diff(found) >= 0).all()
    assert found.min() >= 0
    assert found.max() <= 1


def test_nobody_lasts_where_nobody_is_seen() -> None:
    assert lasting(np.zeros(0)).shape == (0,)
    assert not lasting(np.zeros(2)).any()


def test_a_lasting_person_is_probably_a_member_and_a_brief_one_is_not() -> None:
    sure, brief = presence([1.0, 0.0]).main_odds()
    assert sure == pytest.approx(np.log(19))
    assert brief == BYSTANDER


def test_more_lasting_persons_for_a_member_are_less_likely_each() -> None:
    four, six = (presence([1.0] * 6, rivals=rivals, available=4).main_odds() for rivals in (1, 3))
    np.testing.assert_allclose(four - six, np.log(3))


def test_a_further_appearance_is_less_likely_the_more_members_it_may_be() -> None:
    one, four = (presence([1.0], available=available).further_odds() for available in (1, 4))
    np.testing.assert_allclose(one - four, np.log(4))


@given(SHARES, st.floats(0.1, 9), st.floats(1, 9), st.floats(0, 1), st.floats(0, 1))
def test_priors_are_finite_and_the_first_appearance_is_the_likeliest(
    weights: NDArray[np.float64], rivals: float, available: float, chance: float, found: float
) -> None:
    known = presence(weights.tolist(), rivals, available)
    after = known.updated(np.full(len(weights), chance), np.array([found]))
    for own in (known, after):
        assert np.isfinite(own.main_odds()).all()
        assert (own.main_odds() >= own.further_odds()[:, None]).all()
    assert (after.main_odds() <= known.main_odds() + 1e-9).all(), "results only lower the priors"


def test_members_who_are_not_found_lower_the_prior_of_all() -> None:
    known = presence([1.0, 1.0])
    everybody = known.updated(np.ones(2), np.ones(2))
    nobody = known.updated(np.zeros(2), np.zeros(2))
    many = known.updated(np.zeros(2), np.zeros(9))
    assert (everybody.present, everybody.members) == (known.present, known.members)
    assert many.present < nobody.present < known.present
    assert nobody.members < known.members
    assert (nobody.main_odds() < everybody.main_odds()).all()


PEOPLE = np.eye(16)
BAND = Gallery.of(
    plain(16), {f"member {i}": np.array([PEOPLE[i]] * 5, np.float32) for i in range(4)}
)


def seen_throughout(faces: Sequence[Sequence[float]]) -> list[Tracklet]:
    """People side by side in the whole video."""
    return [
        make_tracklet(i, 0, 100, box=(60 * i, 10, 60 * i + 40, 60), vectors=[face] * 4)
        for i, face in enumerate(faces)
    ]


def named(faces: Sequence[Sequence[float]]) -> IdentityAssignment:
    return assign_members(
        seen_throughout(faces), BAND, Corrections(), timeline(100), appearance=False
    )


def face(member: int, distance: float) -> list[float]:
    """A face at a distance from the photos of a member, and far from all others."""
    return between(PEOPLE[member], PEOPLE[8 + member], distance)


SURE = [face(1, 0.1), face(2, 0.1), face(3, 0.1)]
DOUBTFUL = face(0, 0.6)
STRANGERS = [face(4, 0.0), face(5, 0.0)]


def test_a_doubtful_face_is_the_missing_member_if_nobody_else_can_be() -> None:
    assert named([DOUBTFUL, *SURE]).members.tolist() == [0, 1, 2, 3]


def test_a_doubtful_face_is_nobody_among_more_lasting_people_than_members() -> None:
    found = named([DOUBTFUL, *SURE, *STRANGERS])
    assert found.members.tolist() == [NOBODY, 1, 2, 3, NOBODY, NOBODY]


def test_the_confidence_falls_with_the_people_who_are_there() -> None:
    doubtful = face(0, 0.56)
    four, six = named([doubtful, *SURE]), named([doubtful, *SURE, *STRANGERS])
    assert four.members[0] == six.members[0] == 0
    assert four.confidence[0] > six.confidence[0]


def test_photos_of_people_who_are_not_there_name_nobody() -> None:
    assert (named([DOUBTFUL, *STRANGERS]).members == NOBODY).all()
    assert (named([face(i, 0.6) for i in range(4)]).members == NOBODY).all(), "nobody is sure"


def test_one_member_in_a_video_of_others_is_still_found() -> None:
    assert named([face(0, 0.1), *STRANGERS]).members.tolist() == [0, NOBODY, NOBODY]
