from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from closeup.faces import Faces
from closeup.geometry import Box, Boxes, Size, areas, clipped, intersections, iou

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
