import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from closeup.faces import Faces, Squaring

SIDES = st.floats(0, 1000, width=32)


@given(arrays(np.float32, (3, 4), elements=SIDES), st.floats(0.5, 2), st.floats(-0.5, 0.5))
def test_squares_follow_the_recipe(corners: np.ndarray, side: float, lower: float) -> None:
    boxes = np.hstack([corners[:, :2], corners[:, :2] + corners[:, 2:]])
    squares = Faces(boxes, np.ones(3, np.float32), squaring=Squaring(side, lower)).squares()
    longer = corners[:, 2:].max(axis=1)
    sides = squares[:, 2:] - squares[:, :2]
    np.testing.assert_allclose(sides, np.stack([longer * side] * 2, 1), atol=4e-3)
    shift = (squares[:, :2] + squares[:, 2:] - boxes[:, :2] - boxes[:, 2:]) / 2
    np.testing.assert_allclose(shift[:, 0], 0, atol=4e-3)
    np.testing.assert_allclose(shift[:, 1], lower * longer, atol=4e-3)


def test_no_face_gives_no_square() -> None:
    assert Faces.none().squares().shape == (0, 4)


def test_a_square_box_of_dlib_stays() -> None:
    boxes = np.array([[10, 20, 30, 40]], np.float32)
    np.testing.assert_array_equal(Faces(boxes, np.ones(1, np.float32)).squares(), boxes)


def test_the_way_to_squares_survives_scaling_and_choosing() -> None:
    boxes = np.array([[0, 0, 10, 10], [0, 0, 20, 30]], np.float32)
    faces = Faces(boxes, np.ones(2, np.float32), squaring=Squaring(0.5, 0.1))
    chosen = faces.scaled(2, 2)[np.array([1])]
    assert chosen.squaring == Squaring(0.5, 0.1)
    sides = chosen.squares()[0, 2:] - chosen.squares()[0, :2]
    np.testing.assert_allclose(sides, 30, rtol=1e-5)


def test_arrays_must_agree() -> None:
    with pytest.raises(ValueError, match=r"scores must have shape \(1,\), got \(2,\)"):
        Faces(np.zeros((1, 4), np.float32), np.zeros(2, np.float32))
