import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.typing import NDArray

from closeup.landmarks.dlib_points import DlibLandmarker
from closeup.pupils.contour import ContourPupilFinder, aspect_ratio, centroid
from tests.real_photos import dlib_file

EYE = np.array([(0, 0), (10, -4), (20, -4), (30, 0), (20, 4), (10, 4)], np.float64)
numbers = st.floats(-300, 300)


def test_the_centroid_of_an_area_does_not_depend_on_where_its_corners_crowd() -> None:
    square = np.array([(0, 0), (4, 0), (4, 1), (4, 2), (4, 3), (4, 4), (0, 4)], np.float64)
    np.testing.assert_allclose(centroid(square), [2, 2])
    assert square.mean(axis=0)[0] > 2.5


@given(x=numbers, y=numbers, turn=st.floats(0, 6.3), scale=st.floats(0.1, 20))
def test_it_moves_with_the_polygon(x: float, y: float, turn: float, scale: float) -> None:
    c, s = scale * np.cos(turn), scale * np.sin(turn)
    linear, shift = np.array([[c, -s], [s, c]]), np.array([x, y])
    lens = EYE.copy()
    lens[1:3, 1] = -9
    there = lens @ linear.T + shift
    np.testing.assert_allclose(centroid(there), linear @ centroid(lens) + shift, atol=1e-6)
    assert aspect_ratio(there) == pytest.approx(aspect_ratio(lens))


@pytest.mark.parametrize("polygon", [EYE * [1, 0], np.ones((6, 2)), EYE[[0, 3, 0, 3, 0, 3]]])
def test_without_area_it_is_the_mean(polygon: NDArray[np.float64]) -> None:
    np.testing.assert_allclose(centroid(polygon), polygon.mean(axis=0))


def test_either_direction_gives_the_same() -> None:
    np.testing.assert_allclose(centroid(EYE[::-1]), centroid(EYE))


def test_the_aspect_ratio_is_lids_over_width() -> None:
    assert aspect_ratio(EYE) == pytest.approx(8 / 30)
    assert aspect_ratio(EYE * [1, 0]) == 0
    assert aspect_ratio(np.zeros((6, 2))) == 0


def test_five_points_are_refused() -> None:
    with pytest.raises(ValueError, match="68 points"):
        ContourPupilFinder(DlibLandmarker(dlib_file("dlib-5-points")))
