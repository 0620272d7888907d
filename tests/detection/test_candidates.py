from __future__ import annotations

import numpy as np
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays

from closeup.detection.candidates import best_first, best_of_overlapping, boxes_from_rectangles
from closeup.geometry import Size, areas, iou

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


PLACES = arrays(np.float32, (12, 2), elements=st.floats(0, 100, width=32))
SIDES = arrays(np.float32, (12, 2), elements=st.floats(1, 60, width=32))
SCORES = arrays(np.float32, 12, elements=st.floats(0.125, 1, width=32))


@given(PLACES, SIDES, SCORES, st.sampled_from([0.3, 0.45, 0.6]))
def test_what_stays_is_apart_and_what_goes_overlaps_something_surer(
    places: np.ndarray, sides: np.ndarray, scores: np.ndarray, overlap: float
) -> None:
    boxes = np.hstack([places, places + sides])
    kept = best_of_overlapping(boxes, scores, overlap)
    assert np.all(np.diff(scores[kept]) <= 0)
    shares = iou(boxes, boxes)
    among = shares[np.ix_(kept, kept)] - np.eye(len(kept))
    assert among.max(initial=0) <= overlap + 1e-4
    for index in set(range(12)) - set(kept.tolist()):
        surer = [k for k in kept if scores[k] >= scores[index]]
        assert shares[index, surer].max(initial=0) > overlap - 1e-4


def test_nothing_gives_nothing() -> None:
    kept = best_of_overlapping(np.empty((0, 4)), np.empty(0), 0.5)
    assert kept.shape == (0,)
    assert kept.dtype == np.intp


def test_a_rectangle_of_one_pixel_has_an_area_of_one() -> None:
    boxes = boxes_from_rectangles(np.array([[3, 4, 3, 4], [0, 0, 9, 19]]))
    assert boxes.tolist() == [[2.5, 3.5, 3.5, 4.5], [-0.5, -0.5, 9.5, 19.5]]


def test_no_rectangle_is_no_box() -> None:
    assert boxes_from_rectangles(np.array([], np.int64)).shape == (0, 4)
