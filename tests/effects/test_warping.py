from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.effects.warping import Part, sampled, warp

RNG = np.random.default_rng(0)
PICTURE = RNG.integers(0, 256, (40, 50, 3)).astype(np.uint8)


@given(x=st.floats(-80, 120), y=st.floats(-80, 120), reach=st.floats(0.1, 60))
def test_a_part_lies_in_the_picture(x: float, y: float, reach: float) -> None:
    part = Part.around(PICTURE, np.array([x, y]), reach)
    assert 0 <= part.rows.start <= part.rows.stop <= 40
    assert 0 <= part.columns.start <= part.columns.stop <= 50
    places = part.places()
    assert places.shape[:2] == PICTURE[part.rows, part.columns].shape[:2]
    if places.size and 0 <= x < 50 and 0 <= y < 40:
        assert np.abs(places - (x, y)).max() <= reach + 1


def test_colours_at_pixels_are_those_of_the_pixels() -> None:
    part = Part.around(PICTURE, np.array([20.0, 20.0]), 8)
    expected = PICTURE[part.rows, part.columns]
    np.testing.assert_array_equal(np.rint(sampled(PICTURE, part.places())), expected)


def test_beyond_the_edge_the_border_is_repeated() -> None:
    places = np.array([[[-30.0, 5.0], [70.0, 5.0]]])
    np.testing.assert_allclose(sampled(PICTURE, places)[0], PICTURE[5, [0, -1]], atol=1)


@pytest.mark.parametrize("shift", [(3, 0), (0, -4)])
def test_a_shift_by_whole_pixels_is_exact(shift: tuple[int, int]) -> None:
    drawn = PICTURE.copy()
    part = Part(slice(10, 20), slice(12, 30))
    warp(PICTURE, drawn, part, lambda places: places + shift)
    x, y = shift
    np.testing.assert_array_equal(drawn[10:20, 12:30], PICTURE[10 + y : 20 + y, 12 + x : 30 + x])
    drawn[10:20, 12:30] = PICTURE[10:20, 12:30]
    np.testing.assert_array_equal(drawn, PICTURE)


def test_pixels_left_in_place_keep_their_values() -> None:
    drawn = np.zeros_like(PICTURE)
    warp(PICTURE, drawn, Part(slice(0, 40), slice(0, 50)), lambda places: places)
    assert not drawn.any()


def test_an_empty_part_changes_nothing() -> None:
    drawn = PICTURE.copy()
    warp(PICTURE, drawn, Part(slice(5, 5), slice(0, 10)), lambda places: places + 1)
    np.testing.assert_array_equal(drawn, PICTURE)
