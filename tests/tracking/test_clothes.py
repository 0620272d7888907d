from __future__ import annotations

import cv2
import numpy as np
from scipy.ndimage import convolve1d

from closeup.frames import RGBImage
from closeup.tracking.clothes import (
    BINS,
    colour_bins,
    find_torso,
    histograms,
    similarity,
    torso_boxes,
)

FACE = np.array([[90, 30, 110, 50]], np.float32)


def stage(colour: tuple[int, int, int], face: tuple[float, ...] = (90, 30, 110, 50)) -> RGBImage:
    """A dark stage on which somebody in one colour stands below ``face``."""
    picture = np.full((150, 300, 3), 30, np.uint8)
    x1, y1, x2, y2 = torso_boxes(np.array([face], np.float32))[0].astype(int)
    picture[y1:y2, x1:x2] = colour
    return picture


def test_a_histogram_sums_to_one_and_knows_its_colour() -> None:
    red, blue = (histograms(colour_bins(stage(c)), FACE)[0] for c in [(200, 30, 30), (30, 30, 200)])
    assert red.shape == (BINS,)
    assert red.sum() == np.float32(1)
    assert similarity(red, red) > 0.99
    assert similarity(red, blue) < 0.1


def test_a_torso_outside_the_picture_says_nothing() -> None:
    low = np.array([[90, 130, 110, 150]], np.float32)
    assert not histograms(colour_bins(stage((200, 30, 30))), low).any()


def test_finds_the_clothes_where_they_went() -> None:
    clothes = histograms(colour_bins(stage((200, 30, 30))), FACE)[0]
    there = (150.0, 40.0, 170.0, 60.0)
    found = find_torso(colour_bins(stage((200, 30, 30), there)), clothes, FACE[0], radius=80)
    assert found is not None
    np.testing.assert_allclose(found.box, there, atol=2)
    assert found.similarity > 0.9


def test_does_not_find_other_clothes() -> None:
    clothes = histograms(colour_bins(stage((200, 30, 30))), FACE)[0]
    found = find_torso(colour_bins(stage((30, 200, 30))), clothes, FACE[0], radius=80)
    assert found is None or found.similarity < 0.5


def test_a_search_area_without_room_for_a_torso() -> None:
    clothes = histograms(colour_bins(stage((200, 30, 30))), FACE)[0]
    outside = np.array([400, 30, 420, 50], np.float32)
    assert find_torso(colour_bins(stage((200, 30, 30))), clothes, outside, radius=5) is None


def test_histograms_are_smoothed_along_every_axis() -> None:
    bins = np.random.default_rng(0).integers(0, BINS, (150, 300)).astype(np.uint8)
    x1, y1, x2, y2 = torso_boxes(FACE)[0].astype(int)
    counts = np.bincount(bins[y1:y2, x1:x2].ravel(), minlength=BINS).reshape(4, 8, 8)
    expected = counts / counts.sum()
    for axis in range(3):
        expected = convolve1d(expected, (0.25, 0.5, 0.25), axis=axis, mode="nearest")
    np.testing.assert_allclose(histograms(bins, FACE)[0], expected.ravel(), atol=1e-7)


def test_bins_are_lightness_and_both_colour_axes() -> None:
    image = np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8)
    lightness, a, b = np.moveaxis(cv2.cvtColor(image, cv2.COLOR_RGB2LAB).astype(int), -1, 0)
    a, b = ((np.clip(colour, 68, 187) - 68) * 8 // 120 for colour in (a, b))
    assert np.array_equal(colour_bins(image), lightness // 64 * 64 + a * 8 + b)
