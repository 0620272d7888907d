from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from closeup.effects.eye_opening import EyeOpening
from closeup.effects.eyeball import Eyeball
from closeup.effects.face_shapes import IRIS
from closeup.effects.frontal_view import Colours, FrontalView, ramp
from tests.effects.test_eye_opening import opening

SKIN, WHITE, BROWN = (200.0, 150.0, 130.0), (230.0, 230.0, 235.0), (90.0, 60.0, 40.0)
SOFT = 0.016


def drawn(eye: EyeOpening, view: FrontalView) -> Colours:
    """An eye with lids in the colour of skin, and an iris of one colour."""
    iris = ramp(view.distance(eye.iris), IRIS + 0.01, IRIS - 0.01)[..., None]
    ball = np.array(WHITE) + iris * (np.array(BROWN) - np.array(WHITE))
    inside = ramp(eye.depth(view.x, view.y), -0.005, 0.005)[..., None]
    return np.asarray(SKIN + inside * (ball - SKIN), np.float32)


def completed(openness: float = 1.0) -> tuple[EyeOpening, FrontalView, Eyeball]:
    eye = opening(openness=openness)
    view = FrontalView.of(eye)
    return eye, view, Eyeball.completed(view, drawn(eye, view), eye, SOFT)


def test_an_iris_is_completed_behind_the_lids() -> None:
    eye, view, ball = completed(openness=0.3)
    inner = view.distance(eye.iris) < 0.7 * IRIS
    hidden = inner & (eye.depth(view.x, view.y) < 0)
    assert hidden.any()
    np.testing.assert_allclose(ball.colours[inner], np.tile(BROWN, (inner.sum(), 1)), atol=12)


def test_the_white_is_that_of_the_eye() -> None:
    eye, view, ball = completed()
    place = view.distance(eye.iris) < 0.5 * IRIS
    np.testing.assert_allclose(ball.white[place].mean(axis=0), WHITE, rtol=0.15)


@pytest.mark.parametrize("shift", [(0.05, 0.0), (-0.08, 0.0), (0.0, 0.03), (0.03, -0.03)])
def test_the_iris_moves_as_a_whole_and_white_takes_its_place(shift: tuple[float, float]) -> None:
    eye, view, ball = completed()
    by = np.array(shift)
    moved = ball.moved(by)
    there = view.distance(eye.iris + by) < 0.85 * IRIS
    np.testing.assert_allclose(moved[there], np.tile(BROWN, (there.sum(), 1)), atol=15)
    left = (view.distance(eye.iris) < IRIS) & (view.distance(eye.iris + by) > 1.4 * IRIS)
    if left.any():
        assert moved[left].mean() > 0.8 * np.mean(WHITE)


def test_far_from_the_iris_nothing_moves() -> None:
    eye, view, ball = completed()
    shift = np.array([0.03, 0.0])
    far = view.distance(eye.iris + shift) > IRIS + 2 * 0.03
    np.testing.assert_array_equal(ball.moved(shift)[far], ball.source[far])


def test_without_a_shift_it_is_the_picture() -> None:
    _, _, ball = completed()
    np.testing.assert_array_equal(ball.moved(np.zeros(2)), ball.source)


@given(st.integers(0, 255))
@settings(max_examples=20)
def test_an_eye_of_one_colour_stays_of_one_colour(level: int) -> None:
    eye = opening()
    view = FrontalView.of(eye)
    source = np.full((*view.size[::-1], 3), level, np.float32)
    ball = Eyeball.completed(view, source, eye, SOFT)
    moved = ball.moved(np.array([0.06, 0.02]))
    assert np.isfinite(moved).all()
    assert np.abs(moved - level).max() <= 0.21 * level + 1
