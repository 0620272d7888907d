from __future__ import annotations

import cv2
import numpy as np
from hypothesis import given, strategies as st

from closeup.detection.letterbox import Letterbox, largest_inside, resized
from closeup.geometry import Size

SIDES = st.integers(1, 3000)
SIZES = st.builds(Size, SIDES, SIDES)
CANVASES = st.builds(Size, st.integers(8, 1000), st.integers(8, 1000))


@given(SIZES, CANVASES)
def test_a_picture_touches_two_edges_of_its_canvas_and_leaves_none(
    picture: Size, canvas: Size
) -> None:
    inner = largest_inside(picture, canvas)
    assert 1 <= inner.width <= canvas.width
    assert 1 <= inner.height <= canvas.height
    assert inner.width == canvas.width or inner.height == canvas.height


@given(SIZES, CANVASES)
def test_the_edges_of_a_picture_come_back_to_its_edges(picture: Size, canvas: Size) -> None:
    for box in (Letterbox.centred(picture, canvas), Letterbox.top_left(picture, canvas)):
        first = np.array([box.left, box.top]) - 0.5
        edges = np.concatenate([first, first + np.array(box.inner)])[None]
        expected = [[-0.5, -0.5, picture.width - 0.5, picture.height - 0.5]]
        np.testing.assert_allclose(box.boxes_to_picture(edges), expected, atol=1e-3)


@given(SIZES, CANVASES)
def test_in_the_middle_the_rest_is_shared(picture: Size, canvas: Size) -> None:
    box = Letterbox.centred(picture, canvas)
    right = canvas.width - box.inner.width - box.left
    below = canvas.height - box.inner.height - box.top
    assert 0 <= right - box.left <= 1
    assert 0 <= below - box.top <= 1


def test_a_dot_comes_back_to_its_place() -> None:
    picture = np.zeros((90, 160, 3), np.uint8)
    picture[60:63, 100:103] = 255
    box = Letterbox.centred(Size(160, 90), Size(320, 320))
    canvas = box.drawn(picture, (114, 0, 0))
    assert canvas.shape == (320, 320, 3)
    assert canvas[0, 0].tolist() == canvas[-1, -1].tolist() == [114, 0, 0]
    moments = cv2.moments(np.ascontiguousarray(canvas[..., 1]))
    dot = np.array([moments["m10"], moments["m01"]]) / moments["m00"]
    np.testing.assert_allclose(box.to_picture(dot), [101, 61], atol=0.05)


def test_a_picture_of_the_right_size_is_not_copied() -> None:
    picture = np.zeros((9, 16, 3), np.uint8)
    assert resized(picture, Size(16, 9)) is picture
    assert resized(picture, Size(3, 2)).shape == (2, 3, 3)
