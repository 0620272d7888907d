from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.typing import NDArray

from closeup.evaluation.pupil_reading import face_of
from closeup.evaluation.pupil_truth import read_pupil_truth
from closeup.eyes import Eyes
from closeup.opening import open_detector, open_landmarker
from closeup.progress import Silent
from closeup.pupils.gaze import REACH, REST, gaze
from closeup.settings import Settings
from closeup.similarity import Similarity

FACE = np.array([(69.8, 0), (30.2, 0), (-69.8, 0), (-30.2, 0), (0, 55)])
"""dlib's five points of an upright face whose eyes are 100 pixels apart, around their middle."""

shares = st.floats(-0.9, 0.9)
pairs = st.tuples(shares, shares)


def centres(right: tuple[float, float], left: tuple[float, float]) -> NDArray[np.float64]:
    """Pupils of :data:`FACE` that are so many shares from their rest."""
    middles = np.array([(-50, 0), (50, 0)])
    return np.asarray(middles + 100 * (REST.offsets(0) + np.array([right, left]) * REACH))


def eyes(
    pupils: NDArray[np.floating],
    confidence: tuple[float, float] = (1, 1),
    openness: tuple[float, float] = (1, 1),
) -> Eyes:
    there = np.isfinite(pupils).all(axis=1)
    return Eyes(
        pupils[None].astype(np.float32),
        np.array([openness], np.float32),
        np.array([np.where(there, confidence, 0)], np.float32),
        (("" if there[0] else "hidden", "" if there[1] else "hidden"),),
    )


def look(pupils: NDArray[np.floating], points: NDArray[np.floating] = FACE) -> NDArray[np.float64]:
    return np.asarray(gaze(points[None].astype(np.float32), eyes(pupils))[0])


def test_eyes_at_rest_look_straight_ahead() -> None:
    np.testing.assert_allclose(look(centres((0, 0), (0, 0))), 0, atol=1e-6)


@given(pairs)
def test_it_is_the_share_of_the_way(share: tuple[float, float]) -> None:
    np.testing.assert_allclose(look(centres(share, share)), share, atol=1e-5)


def test_right_in_the_picture_and_down_are_positive() -> None:
    pupils = centres((0, 0), (0, 0))
    assert look(pupils + np.array([3, 0]))[0] > 0.2
    assert look(pupils + np.array([0, 3]))[1] > 0.2


@given(
    pairs,
    st.floats(0.2, 5),
    st.floats(-np.pi, np.pi),
    st.tuples(shares, shares),
    st.floats(-30, 30),
)
def test_place_size_and_rotation_of_the_face_do_not_matter(
    share: tuple[float, float],
    scale: float,
    angle: float,
    place: tuple[float, float],
    nose: float,
) -> None:
    linear = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = Similarity(np.column_stack([linear, 1000 * np.array(place)]))
    points = FACE + np.array([[0, 0]] * 4 + [[nose, 0]])
    pupils = centres(share, share)
    expected = look(pupils, points)
    np.testing.assert_allclose(look(moved.apply(pupils), moved.apply(points)), expected, atol=0.01)


@given(pairs, pairs, st.floats(-30, 30))
def test_a_mirror_changes_the_sign_of_x_alone(
    right: tuple[float, float], left: tuple[float, float], nose: float
) -> None:
    points = FACE + np.array([[0, 0]] * 4 + [[nose, 0]])
    pupils = centres(right, left)
    mirrored = look(pupils[::-1] * [-1, 1], points[[2, 3, 0, 1, 4]] * [-1, 1])
    np.testing.assert_allclose(mirrored, look(pupils, points) * [-1, 1], atol=1e-5)


def test_a_turned_head_is_not_taken_for_a_glance() -> None:
    nose = FACE + np.array([[0, 0]] * 4 + [[20, 0]])
    still = centres((0, 0), (0, 0))
    assert look(still + np.array([100 * REST.turn * 0.2, 0]), nose) == pytest.approx(0, abs=1e-5)
    assert look(still, nose)[0] < 0


def test_the_surer_eye_counts_more() -> None:
    pupils = centres((0.6, 0), (0, 0.4))
    (found,) = gaze(FACE[None].astype(np.float32), eyes(pupils, (0.75, 0.25)))
    np.testing.assert_allclose(found, [0.45, 0.1], atol=1e-5)
    (unsure,) = gaze(FACE[None].astype(np.float32), eyes(pupils, (0, 0)))
    np.testing.assert_allclose(unsure, [0.3, 0.2], atol=1e-5)


@pytest.mark.parametrize("closed", [(0.02, 1.0), (0.02, np.nan)])
def test_one_eye_is_enough(closed: tuple[float, float]) -> None:
    pupils = centres((-0.8, -0.8), (0.3, 0.2))
    (shut,) = gaze(FACE[None].astype(np.float32), eyes(pupils, openness=closed))
    pupils[0] = np.nan
    np.testing.assert_allclose(shut, [0.3, 0.2], atol=1e-5)
    np.testing.assert_allclose(look(pupils), [0.3, 0.2], atol=1e-5)


def test_nobody_knows_where_closed_and_hidden_eyes_look() -> None:
    assert np.isnan(look(np.full((2, 2), np.nan))).all()
    shut = eyes(centres((0, 0), (0, 0)), openness=(0.0, 0.05))
    assert np.isnan(gaze(FACE[None].astype(np.float32), shut)).all()


def test_further_than_eyes_turn_is_cut() -> None:
    assert look(centres((2, -2), (2, -2))).tolist() == [1, -1]


def test_points_in_one_place_tell_no_number_beyond() -> None:
    found = look(np.ones((2, 2)), np.ones((5, 2)))
    assert np.all(np.abs(found) <= 1)


def test_no_face() -> None:
    assert gaze(np.empty((0, 5, 2), np.float32), Eyes.none()).shape == (0, 2)


@pytest.mark.parametrize("shape", [(1, 7, 2), (2, 5, 2), (5, 2)])
def test_other_points_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="1 faces need"):
        gaze(np.zeros(shape, np.float32), eyes(centres((0, 0), (0, 0))))


def test_people_of_real_photos_mostly_look_straight_ahead(
    shared_data: Path, settings: Settings
) -> None:
    table = shared_data / "eyes" / "truth_validation.csv"
    truth = read_pupil_truth(table, shared_data / "lfw" / "images").first(40)
    detector = open_detector("yunet-n", settings=settings, progress=Silent(), threads=1)
    landmarker = open_landmarker("dlib-5-points", settings=settings)
    found = []
    for index, pupils in enumerate(truth.centres):
        image = truth.image(index)
        face = face_of(detector.detect(image), pupils)
        assert face is not None
        found.append(gaze(landmarker.find(image, face), eyes(pupils))[0])
    np.testing.assert_allclose(np.median(found, axis=0), 0, atol=0.15)
    assert np.mean(np.abs(found) < 0.6) > 0.9
