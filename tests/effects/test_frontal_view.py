from __future__ import annotations

import cv2
import numpy as np
from hypothesis import given, settings, strategies as st

from closeup.effects.frontal_view import FrontalView, ramp
from closeup.effects.warping import Part

NOISE = np.random.default_rng(0).integers(0, 256, (200, 240, 3)).astype(np.uint8)
IMAGE = np.asarray(cv2.GaussianBlur(NOISE, (0, 0), 4), np.uint8)
MIDDLE = np.array([120.0, 100.0])


def view(degrees: float, scale: float) -> FrontalView:
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return FrontalView(1.2 * scale, turn * scale, MIDDLE)


@given(st.floats(-180, 180), st.floats(40, 120))
@settings(max_examples=20)
def test_what_is_read_comes_back_to_its_place(degrees: float, scale: float) -> None:
    plane, part = view(degrees, scale), Part.around(IMAGE, MIDDLE, 0.12 * scale)
    back = plane.returned(plane.read(IMAGE), part)
    assert np.abs(back - IMAGE[part.rows, part.columns]).max() < 8


def test_places_are_those_of_its_pixels() -> None:
    plane = view(0, 100)
    height, width = plane.size[1], plane.size[0]
    assert plane.x.shape == (1, width)
    assert plane.y.shape == (height, 1)
    right = plane.matrix @ (width - 1, height // 2, 1)
    np.testing.assert_allclose(right, MIDDLE + 100 * np.array([plane.x[0, -1], 0]), atol=1e-4)
    np.testing.assert_array_equal(
        plane.sampled(plane.read(IMAGE), plane.x, plane.y), plane.read(IMAGE)
    )


@given(st.floats(-10, 10), st.floats(-3, 3), st.floats(0.1, 3))
def test_ramps_rise_from_0_to_1(value: float, zero: float, width: float) -> None:
    rising, falling = (
        ramp(np.array([value]), *ends)[0] for ends in ((zero, zero + width), (zero + width, zero))
    )
    assert 0 <= rising <= 1
    assert np.isclose(rising + falling, 1)
