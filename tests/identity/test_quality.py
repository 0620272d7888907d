from __future__ import annotations

import cv2
import numpy as np
import pytest

from closeup.faces import Faces, Squaring
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.identity.quality import (
    CUT_WEIGHT,
    contrast,
    cut_off,
    detail,
    nose_aside,
    sharpness,
    turned,
    weight,
    weights,
)
from tests.calibrations import DLIB

VARIANCE = DLIB.variance

FRONT = np.array([[30, 40], [70, 40], [50, 60], [35, 80], [65, 80]], np.float32)
PROFILE = FRONT + np.array([[0, 0], [0, 0], [20, 0], [0, 0], [0, 0]], np.float32)


@pytest.fixture
def chip() -> RGBImage:
    noise = np.random.default_rng(0).integers(0, 256, (150, 150, 3), np.uint8)
    return np.asarray(cv2.GaussianBlur(noise, (0, 0), 2), np.uint8)


def test_blur_is_not_sharp(chip: RGBImage) -> None:
    blurred = np.asarray(cv2.GaussianBlur(chip, (0, 0), 3), np.uint8)
    assert sharpness(blurred) < sharpness(chip) / 2
    assert weight(60, blurred, FRONT, VARIANCE) < weight(60, chip, FRONT, VARIANCE)


def test_contrast_is_in_units_of_the_noise() -> None:
    """A step of ±20 grey levels is 20, with noise of 3 levels 20 / √10."""
    step = np.full((150, 150, 3), 80, np.uint8)
    step[:, 75:] = 120
    assert contrast(step) == pytest.approx(20, rel=0.02)
    assert contrast(step + np.uint8(90)) == pytest.approx(contrast(step))
    noise = np.random.default_rng(0).normal(0, 3, (150, 150, 1))
    noisy = np.round(step + noise).astype(np.uint8)
    assert contrast(noisy) == pytest.approx(np.hypot(20, 3) / np.hypot(3, 1), rel=0.1)


def test_detail_is_a_share_that_does_not_depend_on_the_light(chip: RGBImage) -> None:
    blurred = np.asarray(cv2.GaussianBlur(chip, (0, 0), 4), np.uint8)
    assert 0 < detail(blurred) < detail(chip) / 2 < 1
    assert detail(50 + chip // np.uint8(4)) == pytest.approx(detail(chip), rel=0.05)
    double = cv2.resize(chip, (300, 300), interpolation=cv2.INTER_CUBIC)
    assert detail(np.asarray(double, np.uint8)) == pytest.approx(detail(chip), rel=0.05)


def test_one_colour_has_neither() -> None:
    plain = np.full((112, 112, 3), 90, np.uint8)
    assert (contrast(plain), detail(plain)) == (0, 0)


def test_larger_faces_count_more_up_to_a_point(chip: RGBImage) -> None:
    weights = [weight(height, chip, FRONT, VARIANCE) for height in (20, 40, 80, 90, 400)]
    assert weights == sorted(weights)
    assert weights[-1] == weights[-2] <= 1


def test_a_turned_head() -> None:
    assert turned(FRONT) == 0
    assert turned(PROFILE) == 1
    assert turned(np.zeros((5, 2), np.float32)) == 1, "no eyes to measure by"


def test_a_nose_beyond_an_eye() -> None:
    points = np.array([(0, 0), (40, 0), (50, 20), (0, 0), (0, 0)], np.float32)
    assert nose_aside(points) == 1.5
    assert turned(points) == 1
    assert nose_aside(np.zeros((5, 2), np.float32)) == np.inf


def test_a_profile_says_nothing(chip: RGBImage) -> None:
    assert weight(100, chip, PROFILE, VARIANCE) == 0
    assert weight(100, chip, None, VARIANCE) == weight(100, chip, FRONT, VARIANCE)


@pytest.mark.parametrize(
    ("box", "square", "cut"),
    [
        ((0, 0, 80, 80), True, False),
        ((-0.5, 10, 50, 90), True, True),
        ((-0.5, 10, 60, 90), True, False),
        ((10, 50, 90, 99.5), True, True),
        ((10, 10, 90, 60), True, False),
        ((-0.5, -0.5, 74, 99.5), False, False),
        ((-0.5, 10, 40, 99.5), False, True),
        ((10, -0.5, 85, 60), False, True),
    ],
)
def test_a_box_without_points_that_the_edge_cuts(
    box: tuple[float, ...], square: bool, cut: bool
) -> None:
    faces = Faces(
        np.array([box], np.float32),
        np.ones(1, np.float32),
        squaring=None if square else Squaring(0.95, 0.04),
    )
    assert cut_off(faces, Size(100, 100)).tolist() == [cut]


def test_faces_that_are_cut_or_lie_on_their_side_count_less(chip: RGBImage) -> None:
    faces = Faces(
        np.repeat(np.array([[0, 0, 90, 95]], np.float32), 3, axis=0),
        np.ones(3, np.float32),
        np.stack([FRONT, FRONT + np.array([40, 0], np.float32), FRONT]),
        rolls=np.array([0, 0, np.nan], np.float32),
    )
    whole, cut, lying = weights(faces, [chip] * 3, VARIANCE, Size(100, 100))
    assert whole == weight(95, chip, FRONT, VARIANCE)
    assert cut == CUT_WEIGHT * whole
    assert lying == 0
    assert weights(faces, [chip] * 3, VARIANCE) == [whole, whole, 0]


@pytest.mark.parametrize(("roll", "cut"), [(0, True), (90, False), (180, True), (-90, False)])
def test_the_box_of_a_lying_head_is_wide(roll: float, cut: bool) -> None:
    faces = Faces(
        np.array([[-0.5, 10, 59.5, 90]], np.float32)[:, [1, 0, 3, 2]],
        np.ones(1, np.float32),
        squaring=Squaring(0.95, 0.04),
        rolls=np.array([roll], np.float32),
    )
    assert cut_off(faces, Size(100, 100)).tolist() == [cut]
