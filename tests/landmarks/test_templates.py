import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.landmarks.templates import ARCFACE_POINTS, EYES_SIDE, EyePlace, arcface, eyes256
from closeup.similarity import Similarity

SHARE = st.floats(0.05, 0.45)


def test_points_of_the_template_stay_where_they_are() -> None:
    np.testing.assert_allclose(arcface(ARCFACE_POINTS).matrix, np.eye(2, 3), atol=1e-12)


def test_noise_is_averaged() -> None:
    moved = Similarity(np.array([[1.7, -0.4, 30], [0.4, 1.7, 99]]))
    points = moved.apply(ARCFACE_POINTS)
    noisy = points + np.random.default_rng(5).normal(0, 1, points.shape)
    there = arcface(noisy).apply(points)
    assert np.linalg.norm(there - ARCFACE_POINTS, axis=1).max() < 1


@given(SHARE, st.floats(0.05, 0.95), st.integers(16, 2000), st.floats(-180, 180))
def test_the_eyes_come_to_their_place(x: float, y: float, side: int, degrees: float) -> None:
    turn = np.deg2rad(degrees)
    eyes = np.array([100, 200]) + np.array([[0, 0], [40 * np.cos(turn), 40 * np.sin(turn)]])
    right, left = eyes256(eyes, EyePlace(x, y), side).apply(eyes)
    np.testing.assert_allclose((right + 0.5) / side, [x, y], atol=1e-9)
    np.testing.assert_allclose((left + 0.5) / side, [1 - x, y], atol=1e-9)


def test_the_middle_of_the_eyes_is_the_middle_of_the_chip() -> None:
    eyes = np.array([[50, 60], [90, 52]], np.float32)
    middle = eyes256(eyes).apply(eyes.mean(axis=0))
    assert middle.tolist() == pytest.approx([(EYES_SIDE - 1) / 2, 0.35 * EYES_SIDE - 0.5])


def test_eyes_in_one_place_are_refused() -> None:
    with pytest.raises(ValueError, match="fix no similarity"):
        eyes256(np.ones((2, 2)))
    with pytest.raises(ValueError, match="fix no similarity"):
        eyes256(np.array([[0, 0], [9, 9.0]]), EyePlace(0.5, 0.35))


def test_a_place_in_words() -> None:
    assert EyePlace.parse("0.3,.25") == (0.3, 0.25)
    for text in ("", "0.3", "0.3,0.2,0.1", "a,b", "0.3 0.2"):
        with pytest.raises(ValueError, match=r"write X,Y, as in 0\.35,0\.35"):
            EyePlace.parse(text)
