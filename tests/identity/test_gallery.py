from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.embedding_calibration import LEAST_PROBES
from closeup.errors import CalibrationError
from closeup.identity.gallery import Gallery
from tests.calibrations import DLIB, plain

ANN, BOB = np.eye(4, dtype=np.float32)[:2]
GALLERY = Gallery.of(plain(4), {"Ann": np.array([ANN, ANN]), "Bob": np.array([BOB])})


def test_a_centroid_is_the_mean_of_the_photos() -> None:
    gallery = Gallery.of(plain(4), {"Ann": np.array([ANN, BOB])})
    np.testing.assert_allclose(gallery.centroids, [(ANN + BOB) / np.sqrt(2)], rtol=1e-6)
    assert gallery.photos.tolist() == [2]


def test_members_without_photos_are_no_evidence() -> None:
    photos = Gallery.of(plain(4), {"Ann": ANN[None], "Bob": BOB[None]})
    gallery = photos.with_members(["Cleo", "Ann", "Cleo"])
    assert gallery.names == ("Ann", "Bob", "Cleo")
    assert gallery.photos.tolist() == [1, 1, 0]
    evidence = gallery.evidence_of_means(np.stack([ANN, BOB]), np.ones(2))
    of_photos = photos.evidence_of_means(np.stack([ANN, BOB]), np.ones(2))
    assert np.array_equal(evidence[:, :2], of_photos)
    assert not evidence[:, 2].any()
    assert gallery.same_people() == []


def test_a_gallery_may_be_empty() -> None:
    nobody = Gallery.of(plain(4), {})
    assert nobody.evidence_of_means(ANN[None], np.ones(1)).shape == (1, 0)
    assert nobody.same_people() == []
    named = nobody.with_members(["Ann"])
    assert named.evidence_of_means(ANN[None], np.ones(1)).tolist() == [[0.0]]


def test_vectors_of_other_dimensions_are_refused() -> None:
    with pytest.raises(CalibrationError, match=r"of 4 dimensions .* of test, which has 3"):
        Gallery.of(plain(3), {"Ann": ANN[None]})


def test_evidence_speaks_for_who_is_near() -> None:
    evidence = GALLERY.evidence(np.array([ANN, ANN]), np.ones(2, np.float32))
    assert evidence[0] > 3
    assert evidence[1] < -3


def test_faces_of_no_weight_say_nothing() -> None:
    assert not GALLERY.evidence(np.array([ANN]), np.zeros(1, np.float32)).any()
    assert not GALLERY.evidence(np.empty((0, 4), np.float32), np.empty(0, np.float32)).any()


def test_a_heavier_face_counts_more() -> None:
    both = np.array([ANN, BOB])
    evidence = GALLERY.evidence(both, np.array([0.9, 0.1], np.float32))
    assert evidence[0] > evidence[1]


def test_names_two_members_who_look_the_same() -> None:
    nearly = ANN + np.float32(0.01)
    gallery = Gallery.of(
        plain(4), {"Ann": ANN[None], "Bob": BOB[None], "Anna": nearly[None].astype(np.float32)}
    )
    assert gallery.same_people() == [("Ann", "Anna")]


@given(st.floats(0, 1.5), st.floats(0, 1.5), st.integers(1, 10), st.floats(0.05, 20))
def test_odds_fall_with_distance(a: float, b: float, photos: int, probes: float) -> None:
    near, far = sorted([a, b])
    count = np.full(2, photos)
    odds = DLIB.odds.log_likelihood_ratio(np.array([near, far], np.float32), count, probes)
    assert odds[0] >= odds[1]
    assert np.abs(odds).max() <= 12


@given(st.floats(0, 1.5), st.integers(1, 10), st.floats(0, 2), st.floats(0, 2))
def test_odds_come_nearer_to_one_as_weights_fall(
    distance: float, photos: int, first: float, second: float
) -> None:
    lighter, heavier = sorted([first, second])
    here, count = np.array([distance], np.float32), np.array([photos])
    light = DLIB.odds.log_likelihood_ratio(here, count, lighter)
    assert np.abs(light) <= 12 * min(1, lighter / LEAST_PROBES)
    if heavier <= LEAST_PROBES:
        assert abs(light[0]) <= abs(DLIB.odds.log_likelihood_ratio(here, count, heavier)[0]) + 1e-9


def test_one_photo_allows_more_distance_than_five() -> None:
    distance = np.full(2, 0.5, np.float32)
    one, five = DLIB.odds.log_likelihood_ratio(distance, np.array([1, 5]), 1.0)
    assert one > five
