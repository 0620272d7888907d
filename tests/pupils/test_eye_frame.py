import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.typing import NDArray

from closeup.pupils.eye_frame import EyeFrame

coordinates = st.floats(-5000, 5000)
pairs = st.tuples(coordinates, coordinates).map(np.array)
shares = st.lists(st.floats(-1, 1), min_size=4, max_size=4).map(
    lambda values: np.array(values).reshape(2, 2)
)


def far_apart(right: NDArray[np.float64], left: NDArray[np.float64]) -> bool:
    return bool(np.linalg.norm(left - right) > 1)


@given(right=pairs, left=pairs, offsets=shares)
def test_measured_takes_back_what_moved_did(
    right: NDArray[np.float64], left: NDArray[np.float64], offsets: NDArray[np.float64]
) -> None:
    frame = EyeFrame(right, left)
    if far_apart(right, left):
        np.testing.assert_allclose(frame.measured(frame.moved(offsets)), offsets, atol=1e-9)


@given(right=pairs, left=pairs, offsets=shares)
def test_lengths_are_eye_distances(
    right: NDArray[np.float64], left: NDArray[np.float64], offsets: NDArray[np.float64]
) -> None:
    frame = EyeFrame(right, left)
    lengths = np.linalg.norm(frame.moved(offsets), axis=1)
    expected = np.linalg.norm(offsets, axis=1) * frame.distance
    np.testing.assert_allclose(lengths, expected, atol=1e-6)


def test_across_leads_to_the_left_eye_and_down_to_the_chin() -> None:
    frame = EyeFrame(np.array([10.0, 20.0]), np.array([50.0, 20.0]))
    one = np.eye(2)
    np.testing.assert_allclose(frame.moved(one), [[40, 0], [0, 40]])
    hanging = EyeFrame(np.array([0.0, 0.0]), np.array([0.0, 10.0]))  # turned to the right
    np.testing.assert_allclose(hanging.moved(one), [[0, 10], [-10, 0]], atol=1e-12)


def test_eyes_of_five_and_of_sixty_eight_points() -> None:
    five = np.array([(60, 10), (50, 12), (20, 10), (30, 12), (40, 40)], np.float32)
    frame = EyeFrame.of(five)
    assert frame.right.tolist() == [25, 11]
    assert frame.left.tolist() == [55, 11]
    many = np.zeros((68, 2), np.float32)
    many[[36, 39, 42, 45]] = five[[2, 3, 1, 0]]
    again = EyeFrame.of(many)
    np.testing.assert_array_equal([again.right, again.left], [frame.right, frame.left])


@pytest.mark.parametrize("shape", [(4, 2), (68, 3), (2, 5, 2)])
def test_other_points_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="5, 68 or 468 points"):
        EyeFrame.of(np.zeros(shape, np.float32))


def test_eyes_in_one_place_have_a_direction_and_no_length() -> None:
    frame = EyeFrame.of(np.ones((5, 2), np.float32))
    assert frame.distance == 0
    assert frame.across.tolist() == [1, 0]
    assert np.all(frame.moved(np.ones((2, 2))) == 0)
