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
