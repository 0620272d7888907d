from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from closeup.frames import GrayImage
from closeup.tracking.flow import flow_boxes


def texture(seed: int = 0) -> GrayImage:
    noise = np.random.default_rng(seed).integers(0, 256, (240, 320), np.uint8)
    return np.asarray(cv2.GaussianBlur(noise, (0, 0), 3) * 2, np.uint8)


@settings(max_examples=20)
@given(st.floats(-12, 12), st.floats(-12, 12), st.floats(0.95, 1.05))
def test_follows_shift_and_zoom(dx: float, dy: float, scale: float) -> None:
    before = texture()
    middle = (160.0, 120.0)
    matrix = cv2.getRotationMatrix2D(middle, 0, scale) + np.array([[0, 0, dx], [0, 0, dy]])
    after = np.asarray(cv2.warpAffine(before, matrix, (320, 240)), np.uint8)
    box = np.array([[130, 90, 190, 150]], np.float32)
    flow = flow_boxes(before, after, box, np.array([True]))
    half = 30 * scale
    expected = [160 + dx - half, 120 + dy - half, 160 + dx + half, 120 + dy + half]
    np.testing.assert_allclose(flow.boxes[0], expected, atol=0.5)
    assert flow.trust[0] > 0.8


def test_without_zoom_a_box_keeps_its_size() -> None:
    before = texture()
    after = np.asarray(
        cv2.warpAffine(before, cv2.getRotationMatrix2D((160, 120), 0, 1.05), (320, 240)), np.uint8
    )
    box = np.array([[130, 90, 190, 150]], np.float32)
    moved = flow_boxes(before, after, box, np.array([False])).boxes[0]
    np.testing.assert_allclose(moved[2:] - moved[:2], [60, 60], atol=1e-3)


def test_distrusts_a_picture_of_something_else() -> None:
    box = np.array([[130, 90, 190, 150]], np.float32)
    assert flow_boxes(texture(0), texture(1), box, np.array([True])).trust[0] < 0.5


@pytest.mark.parametrize("box", [(-50, -50, -10, -10), (310, 230, 400, 300)])
def test_a_box_outside_does_not_raise(box: tuple[float, ...]) -> None:
    boxes = np.array([box], np.float32)
    assert flow_boxes(texture(), texture(), boxes, np.array([True])).boxes.shape == (1, 4)


def test_no_boxes() -> None:
    none = np.empty((0, 4), np.float32)
    assert flow_boxes(texture(), texture(), none, np.empty(0, bool)).trust.shape == (0,)


def test_boxes_move_as_each_does_alone() -> None:
    """Flow is measured around all boxes together, near the picture's edges as well."""
    before = texture()
    shift = np.array([[1, 0, 4], [0, 1, -3]], np.float32)
    after = np.asarray(cv2.warpAffine(before, shift, (320, 240)), np.uint8)
    boxes = np.array(
        [[8, 8, 40, 40], [130, 90, 190, 150], [280, 200, 310, 232], [150, 10, 170, 30]], np.float32
    )
    zoom = np.array([True, False, True, True])
    together = flow_boxes(before, after, boxes, zoom)
    for i, box in enumerate(boxes):
        alone = flow_boxes(before, after, box[None], zoom[i : i + 1])
        np.testing.assert_allclose(together.boxes[i], alone.boxes[0], atol=0.05)
        assert together.trust[i] == pytest.approx(alone.trust[0], abs=0.15)


def test_a_box_without_points_stays_beside_one_that_moves() -> None:
    before = texture()
    after = np.roll(before, 5, axis=1)
    after[:, :80] = 0
    boxes = np.array([[10, 100, 50, 140], [130, 90, 190, 150]], np.float32)
    flow = flow_boxes(before, after, boxes, np.array([True, True]))
    assert flow.trust[0] < 0.3
    np.testing.assert_allclose(flow.boxes[1], boxes[1] + [5, 0, 5, 0], atol=0.5)
    assert np.isfinite(flow.boxes).all()
