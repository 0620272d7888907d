"""Distances to photos count in comparison with those between other people of the video."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from closeup.fancam.photo_evidence import normalised, photo_evidence, usual_distance
from closeup.fancam.same_person import Features
from closeup.identity.gallery import Gallery
from tests.calibrations import DLIB, plain
from tests.fancam.two_members import ANN, BOB, ELSE, GALLERY, between

USUAL = 0.42
NEAR = 0.3
DISTANCES = arrays(np.float64, (4, 3), elements=st.floats(0.2, 0.6))


def of(distances: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    """The normalised distances of persons who are all seen at once."""
    apart = np.array(distances)
    count = len(apart)
    return normalised(apart, np.ones(count), 1 - np.eye(count), USUAL)


def faces(vectors: Sequence[Sequence[float]], totals: Sequence[float]) -> Features:
    return Features(np.array(vectors, np.float32), np.array(totals), np.ones(len(totals)))


def test_usual_distances_stay_as_they_are() -> None:
    np.testing.assert_allclose(of([[USUAL] * 3] * 4), USUAL)


def test_a_blurred_face_that_is_farther_from_everybody_is_hardly_farther() -> None:
    sharp, blurred = [NEAR, *[0.44] * 7], [NEAR + 0.06, *[0.5] * 7]
    first, second = of([sharp, blurred])[:, 0]
    assert second - first < 0.045


def test_a_member_whose_photos_are_near_to_everybody_is_nobody_in_particular() -> None:
    one = of([[NEAR, 0.44], [0.44, 0.44], [0.44, 0.44]])[0, 0]
    one_of_three = of([[NEAR, 0.44], [NEAR, 0.44], [NEAR, 0.44]])[0, 0]
    assert one < NEAR < one_of_three


def test_another_appearance_of_the_same_person_says_nothing_about_the_member() -> None:
    apart, weights = np.array([[NEAR], [NEAR], [NEAR]]), np.ones(3)
    alone = normalised(apart, weights, np.zeros((3, 3)), USUAL)
    np.testing.assert_allclose(alone, apart)


def test_the_mean_of_a_video_of_other_people_stays_large() -> None:
    assert of([[0.55] * 3] * 4).min() > 0.5


@given(DISTANCES, arrays(np.float64, 4, elements=st.floats(0, 1.5)))
def test_little_is_subtracted_and_the_order_of_the_persons_does_not_matter(
    apart: NDArray[np.float64], weights: NDArray[np.float64]
) -> None:
    others = 1 - np.eye(4)
    found = normalised(apart, weights, others, USUAL)
    assert np.abs(found - apart).max() <= 0.4 * USUAL + 1e-9
    backwards = normalised(apart[::-1], weights[::-1], others, USUAL)
    np.testing.assert_allclose(backwards[::-1], found)


def test_the_member_is_likelier_than_others_and_faces_without_weight_say_nothing() -> None:
    found = photo_evidence(
        GALLERY, faces([ANN, between(BOB, ELSE, 0.2), ELSE], [1, 1, 0]), 1 - np.eye(3)
    )
    assert found[0, 0] > 4 > -4 > found[0, 1]
    assert found[1, 1] > 4 > -4 > found[1, 0]
    assert not found[2].any()


def test_members_without_photos_get_no_evidence_and_change_none() -> None:
    people = faces([ANN, BOB], [1, 1])
    named = GALLERY.with_members(["Ann", "Bob", "Eve"])
    found = photo_evidence(named, people, 1 - np.eye(2))
    np.testing.assert_allclose(found[:, :2], photo_evidence(GALLERY, people, 1 - np.eye(2)))
    assert not found[:, 2].any()


def test_nobody_and_no_members() -> None:
    nobody = Features(np.zeros((0, 3), np.float32), np.zeros(0), np.zeros(0))
    assert photo_evidence(GALLERY, nobody, np.zeros((0, 0))).shape == (0, 2)
    nameless = Gallery.of(plain(3), {})
    assert photo_evidence(nameless, faces([ANN], [1]), np.zeros((1, 1))).shape == (1, 0)


def test_the_usual_distance_is_within_what_the_calibration_has_measured() -> None:
    assert usual_distance(DLIB.false_accepts) == pytest.approx(USUAL)
