import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from closeup.detection.best_first import best_first
from closeup.geometry import Size, areas

NUMBERS = st.floats(-300, 300, width=32)


@given(arrays(np.float32, (6, 4), elements=NUMBERS), arrays(np.float32, 6, elements=NUMBERS))
def test_boxes_are_inside_and_scores_descend(boxes: np.ndarray, scores: np.ndarray) -> None:
    faces = best_first(boxes, scores, Size(200, 100))
    assert np.all(np.diff(faces.scores) <= 0)
    assert np.all(faces.boxes >= -0.5)
    assert np.all(faces.boxes <= [199.5, 99.5, 199.5, 99.5])
    assert np.all(areas(faces.boxes) > 0)


def test_landmarks_stay_with_their_box() -> None:
    boxes = np.array([[0, 0, 10, 10], [500, 0, 510, 10], [20, 20, 40, 40]], np.float32)
    points = np.arange(30, dtype=np.float32).reshape(3, 5, 2)
    faces = best_first(boxes, np.array([0.5, 0.9, 0.7]), Size(100, 100), points)
    assert faces.boxes.tolist() == [[20, 20, 40, 40], [0, 0, 10, 10]]
    assert faces.landmarks is not None
    np.testing.assert_array_equal(faces.landmarks, points[[2, 0]])


def test_equal_scores_keep_their_order() -> None:
    boxes = np.array([[i, 0, i + 5, 5] for i in range(9)], np.float32)
    np.testing.assert_array_equal(best_first(boxes, np.ones(9), Size(50, 50)).boxes, boxes)
