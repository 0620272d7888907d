import math

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.pupils.mean_shift import MeanShift, climb
from tests.pupils.drawn_eye import SIZE, as_crop


@given(x=st.floats(20, 40), y=st.floats(15, 30), dx=st.floats(-5, 5), dy=st.floats(-5, 5))
def test_it_climbs_to_the_top_of_a_hill(x: float, y: float, dx: float, dy: float) -> None:
    rows, columns = np.mgrid[:45, :60]
    hill = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 50)
    path = climb(hill, (x + dx, y + dy), 8)
    assert path[0] == (x + dx, y + dy)
    assert math.dist(path[-1], (x, y)) < 0.5
    assert math.dist(path[-2], path[-1]) < 0.1


def test_a_box_moves_by_less_than_a_pixel() -> None:
    weights = np.zeros((21, 21))
    weights[10, 10], weights[10, 11] = 3, 1
    assert climb(weights, (10.0, 10.0), 4)[-1] == pytest.approx((10.25, 10))


def test_where_nothing_is_it_stays() -> None:
    assert climb(np.zeros((10, 10)), (5.0, 5.0), 3) == [(5.0, 5.0)]


def test_what_does_not_converge_says_so() -> None:
    flat = as_crop(np.full((SIZE.height, SIZE.width, 3), 90, np.uint8))
    located = MeanShift().locate(flat)
    assert located.point is None
    assert "does not converge" in located.reason


def test_an_end_at_the_border_is_hair_or_brow() -> None:
    pixels = np.full((SIZE.height, SIZE.width, 3), 200, np.uint8)
    pixels[:6] = 10
    located = MeanShift.textbook().locate(as_crop(pixels))
    assert located.point is None
    assert "border" in located.reason
