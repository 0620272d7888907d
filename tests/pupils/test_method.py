import numpy as np

from closeup.pupils.method import Steps, chart


def test_numbers_of_any_scale_become_a_picture() -> None:
    steps = Steps()
    steps.show("ramp", np.linspace(-3, 7, 12).reshape(3, 4))
    ((title, picture),) = steps.pictures
    assert title == "ramp"
    assert picture.shape == (3, 4, 3)
    assert (picture.min(), picture.max()) == (0, 255)


def test_a_constant_is_black() -> None:
    steps = Steps()
    steps.show("flat", np.full((3, 4), 9.5))
    assert not steps.pictures[0][1].any()


def test_a_cross_marks_a_point_and_leaves_the_original_alone() -> None:
    pixels = np.zeros((20, 30, 3), np.uint8)
    steps = Steps()
    steps.show("inside", pixels, (12.4, 7.6))
    steps.show("at the edge", pixels, (0, 0))
    steps.show("outside", pixels, (-4, 50))
    inside, edge, outside = (picture for _, picture in steps.pictures)
    assert inside[8, 9:16, 1].min() == 255
    assert inside[5:12, 12, 1].min() == 255
    assert inside[..., 1].sum() == 13 * 255
    assert edge[0, 0].tolist() == [0, 255, 0]
    assert not outside.any()
    assert not pixels.any()


def test_a_chart_is_filled_from_below() -> None:
    picture = chart(np.array([0.0, 5.0, 10.0]), height=10)
    assert picture.shape == (10, 3)
    assert (picture > 0).sum(axis=0).tolist() == [0, 5, 10]
    assert picture[-1].tolist() == [0, 255, 255]
    assert not chart(np.ones(4)).any()
