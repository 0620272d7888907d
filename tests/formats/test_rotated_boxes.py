import pytest

from closeup.formats.rotated_boxes import box_around, is_same_box


def test_a_quarter_turn_about_each_pivot() -> None:
    assert box_around((0, 0, 4, 2), 90, (0, 0)) == pytest.approx((-2, 0, 0, 4))
    assert box_around((0, 0, 4, 2), 90, (2, 1)) == pytest.approx((1, -1, 3, 3))


def test_an_eighth_turn_of_a_square() -> None:
    root = 2**0.5
    assert box_around((-1, -1, 1, 1), 45, (0, 0)) == pytest.approx((-root, -root, root, root))


def test_clockwise_is_from_the_x_axis_to_the_y_axis() -> None:
    x1, _, x2, y2 = box_around((0, -0.001, 10, 0.001), 30, (0, 0))
    assert x2 > 8.6
    assert y2 > 4.9
    assert x1 > -0.01


def test_a_box_is_the_same_within_rounding() -> None:
    assert is_same_box([0, 0, 1, 1 + 1e-9], (0, 0, 1, 1))
    assert not is_same_box([0, 0, 1, 1.1], (0, 0, 1, 1))
    assert not is_same_box([], (0, 0, 1, 1))
