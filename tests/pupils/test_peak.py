import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from closeup.pupils.peak import peak


@given(x=st.floats(2, 17), y=st.floats(2, 12))
def test_the_top_of_a_paraboloid_is_found_between_pixels(x: float, y: float) -> None:
    rows, columns = np.mgrid[:15, :20]
    values = -((columns - x) ** 2) - 2 * (rows - y) ** 2
    assert peak(values) == pytest.approx((x, y), abs=1e-6)


@pytest.mark.parametrize("place", [(0, 0), (0, 5), (4, 0), (8, 5), (4, 9), (8, 9)])
def test_a_maximum_on_the_border_is_none(place: tuple[int, int]) -> None:
    values = np.zeros((9, 10))
    values[place] = 1
    assert peak(values) is None


def test_a_flat_picture_and_a_tiny_one_have_no_peak() -> None:
    assert peak(np.zeros((9, 9))) is None
    assert peak(np.ones((1, 1))) is None
    assert peak(np.ones((2, 2))) is None


def test_a_plateau_of_pixels_is_a_peak_without_a_parabola() -> None:
    values = np.zeros((7, 7))
    values[2:5, 2:5] = 1
    found = peak(values)
    assert found is not None
    assert 1.5 <= found[0] <= 4.5
    assert 1.5 <= found[1] <= 4.5
