from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.drawing.colours import Colour
from closeup.drawing.crosses import draw_cross
from closeup.frames import RGBImage

GREEN: Colour = (64, 255, 64)


def crossed(x: float, y: float, reach: float = 8, side: int = 61, grey: int = 90) -> RGBImage:
    image = np.full((side, side, 3), grey, np.uint8)
    draw_cross(image, np.array([x, y]), reach, GREEN)
    return image


def test_arms_are_as_long_as_asked() -> None:
    greenish = crossed(30, 25)[..., 1] > 120
    rows, columns = np.nonzero(greenish)
    assert (columns.min(), columns.max()) == (22, 38)
    assert (rows.min(), rows.max()) == (17, 33)
    assert tuple(crossed(30, 25)[25, 30]) == GREEN


def test_a_small_one_can_still_be_seen() -> None:
    assert (crossed(30, 30, reach=0.1)[..., 1] > 200).sum() >= 7


@pytest.mark.parametrize("grey", [0, 64, 255])
def test_it_shows_on_any_eye(grey: int) -> None:
    image = crossed(30.5, 30.5, grey=grey).astype(int)
    assert np.abs(image - grey).max() > 120


def test_the_rest_of_the_picture_stays() -> None:
    image = crossed(30, 30)
    untouched = np.ones((61, 61), bool)
    untouched[18:43, 18:43] = False
    assert (image[untouched] == 90).all()


@given(x=st.floats(15, 45), y=st.floats(15, 45), reach=st.floats(3, 12))
def test_its_middle_is_where_it_should_be_to_a_fraction_of_a_pixel(
    x: float, y: float, reach: float
) -> None:
    green = crossed(x, y, reach, grey=0)[..., 1].astype(np.float64)
    rows, columns = np.mgrid[:61, :61]
    total = green.sum()
    assert (green * columns).sum() / total == pytest.approx(x, abs=0.05)
    assert (green * rows).sum() / total == pytest.approx(y, abs=0.05)


@given(x=st.floats(-1e9, 1e9), y=st.floats(-1e9, 1e9), side=st.integers(1, 9))
def test_what_lies_outside_is_left_away(x: float, y: float, side: int) -> None:
    assert crossed(x, y, side=side).shape == (side, side, 3)
    far = max(-x, -y, x - side, y - side)
    if far > 20:
        assert (crossed(x, y, side=side) == 90).all()
