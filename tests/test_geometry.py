from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.faces import Faces
from closeup.geometry import (
    Box,
    Boxes,
    Size,
    areas,
    boxes_around,
    centres_of,
    check_shape,
    clipped,
    covered,
    heights_of,
    hold,
    intersections,
    iou,
    lie_inside,
    paired_iou,
    sides_of,
    widths_of,
)

COORDINATES = st.floats(-1000, 1000, width=32)


@st.composite
def boxes(draw: st.DrawFn) -> Boxes:
    rows = draw(st.lists(st.tuples(*[COORDINATES] * 4), min_size=1, max_size=5))
    raw = np.array(rows, np.float32)
    return np.hstack([np.minimum(raw[:, :2], raw[:, 2:]), np.maximum(raw[:, :2], raw[:, 2:])])


@given(boxes(), boxes())
def test_iou_is_symmetric_and_within_bounds(a: Boxes, b: Boxes) -> None:
    value = iou(a, b)
    assert value.shape == (len(a), len(b))
    assert np.all((value >= 0) & (value <= 1 + 1e-5))
    np.testing.assert_allclose(value, iou(b, a).T, atol=1e-6)


@given(boxes())
def test_a_box_shares_all_of_itself(a: Boxes) -> None:
    np.testing.assert_allclose(np.diag(intersections(a, a)), areas(a))


@given(boxes())
def test_clipped_boxes_lie_in_the_picture(a: Boxes) -> None:
    inside = clipped(a, Size(640, 360))
    assert np.all(inside >= -0.5)
    assert np.all(inside[:, [0, 2]] <= 639.5)
    assert np.all(inside[:, [1, 3]] <= 359.5)


@given(boxes(), boxes())
def test_pairs_of_boxes_are_the_diagonal_of_all(a: Boxes, b: Boxes) -> None:
    count = min(len(a), len(b))
    a, b = a[:count], b[:count]
    np.testing.assert_array_equal(paired_iou(a, b), np.diag(iou(a, b)))


@given(boxes())
def test_boxes_are_made_again_of_their_middles_and_sides(a: Boxes) -> None:
    assert centres_of(a).dtype == sides_of(a).dtype == np.float32
    np.testing.assert_array_equal(sides_of(a), np.stack([widths_of(a), heights_of(a)], axis=1))
    made = boxes_around(centres_of(a), sides_of(a) / 2)
    assert made.dtype == np.float32
    np.testing.assert_allclose(made, a, atol=1e-3)


@given(boxes())
def test_one_box_has_the_figures_of_its_row(a: Boxes) -> None:
    np.testing.assert_array_equal(centres_of(a[0]), centres_of(a)[0])
    assert heights_of(a[0]) == heights_of(a)[0]


@given(boxes(), boxes())
def test_no_box_is_covered_more_than_whole(a: Boxes, b: Boxes) -> None:
    shares = covered(a, b)
    assert shares.shape == (len(a), len(b))
    assert np.all((shares >= 0) & (shares <= 1 + 1e-5))
    thick = areas(a) > 1e-3
    np.testing.assert_allclose(np.diag(covered(a, a))[thick], 1, rtol=1e-5)


def test_points_on_an_edge_are_not_inside() -> None:
    points = np.array([[0, 5], [5, 5], [5, 11]], np.float32)
    box = np.array([[0, 0, 10, 10]], np.float32)
    assert lie_inside(points, box).tolist() == [False, True, False]
    assert lie_inside(points[:, None], np.repeat(box, 2, axis=0)).shape == (3, 2)


def test_a_box_holds_another_up_to_the_tolerance() -> None:
    outer = np.array([[0, 0, 10, 10]] * 3, np.float64)
    inner = np.array([[1, 1, 9, 9], [-0.4, 0, 10.4, 10], [2, 2, 8, 10.6]], np.float32)
    assert hold(outer, inner, 0.5).tolist() == [True, True, False]


@pytest.mark.parametrize("shape", [(48, 64), (48, 64, 3)])
def test_the_size_of_a_picture_is_width_and_height(shape: tuple[int, ...]) -> None:
    assert Size.of(np.zeros(shape, np.uint8)) == Size(64, 48)


def test_a_wrong_shape_is_named_with_the_expected_one() -> None:
    check_shape("points", np.zeros((3, 5, 2)), (3, "k", 2))
    with pytest.raises(ValueError, match=r"^points must have shape \(3, k, 2\), got \(3, 2\)$"):
        check_shape("points", np.zeros((3, 2)), (3, "k", 2))
    with pytest.raises(ValueError, match=r"^scores must have shape \(3,\), got \(2,\)$"):
        check_shape("scores", np.zeros(2), (3,))


@pytest.mark.parametrize(("longest", "expected"), [(960, Size(960, 540)), (4000, Size(1920, 1080))])
def test_fitted_shrinks_only(longest: int, expected: Size) -> None:
    assert Size(1920, 1080).fitted(longest) == expected


def test_size_reads_what_it_writes() -> None:
    assert Size.parse(str(Size(200, 630))) == Size(200, 630)


@pytest.mark.parametrize("text", ["", "200", "200x", "0x630", "-1x5", "axb", "200x630x3"])
def test_refuses_what_is_no_size(text: str) -> None:
    with pytest.raises(ValueError, match="WIDTHxHEIGHT"):
        Size.parse(text)


def test_a_box_knows_its_middle() -> None:
    box = Box(10, 20, 30, 60)
    assert (box.width, box.height, box.centre) == (20, 40, (20, 40))


@given(boxes(), st.floats(0.1, 10), st.floats(0.1, 10))
def test_scaling_faces_there_and_back(a: Boxes, x: float, y: float) -> None:
    points = np.repeat(a[:, None, :2], 5, axis=1)
    faces = Faces(a, np.ones(len(a), np.float32), points)
    back = faces.scaled(x, y).scaled(1 / x, 1 / y)
    np.testing.assert_allclose(back.boxes, a, atol=1e-2)
    assert back.landmarks is not None
    np.testing.assert_allclose(back.landmarks, points, atol=1e-2)


def test_faces_check_their_shapes() -> None:
    with pytest.raises(ValueError, match=r"scores must have shape \(2,\)"):
        Faces(np.zeros((2, 4), np.float32), np.zeros(3, np.float32))
