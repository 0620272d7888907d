import numpy as np

from closeup.detection.dlib_rectangles import boxes_from_rectangles


def test_a_rectangle_of_one_pixel_has_an_area_of_one() -> None:
    boxes = boxes_from_rectangles(np.array([[3, 4, 3, 4], [0, 0, 9, 19]]))
    assert boxes.tolist() == [[2.5, 3.5, 3.5, 4.5], [-0.5, -0.5, 9.5, 19.5]]


def test_no_rectangle_is_no_box() -> None:
    assert boxes_from_rectangles(np.array([], np.int64)).shape == (0, 4)
