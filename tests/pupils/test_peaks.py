from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.pupils.peaks import peak, plateau_centre


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


@given(centre=st.floats(25, 75), half=st.floats(1.5, 15), share=st.floats(0.1, 0.95))
def test_the_middle_of_a_trapezium(centre: float, half: float, share: float) -> None:
    """Between samples; the edge samples of its flat top and foot are what may be off."""
    values = np.clip(half + 2 - abs(np.arange(100) - centre), 0, 2)
    assert plateau_centre(values, share) == pytest.approx(centre, abs=0.3)


@given(shift=st.floats(-10, 10), factor=st.floats(0.1, 100))
def test_scale_and_offset_do_not_matter(shift: float, factor: float) -> None:
    values = np.exp(-(((np.arange(60) - 31.3) / 6) ** 2))
    assert plateau_centre(shift + factor * values, 0.6) == pytest.approx(31.3, abs=0.05)


@pytest.mark.parametrize("values", [[3, 2, 1], [1, 2, 3], [5, 5, 5, 5], [1], [1, 9, 9, 9]], ids=str)
def test_what_reaches_an_end_has_no_centre(values: list[float]) -> None:
    assert plateau_centre(np.array(values, np.float64), 0.5) is None


def test_the_run_around_the_maximum_counts_not_another() -> None:
    values = np.zeros(40)
    values[5:9] = 0.9
    values[20:25] = 1
    assert plateau_centre(values, 0.5) == pytest.approx(22)
