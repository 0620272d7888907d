from __future__ import annotations

import cv2
import numpy as np
import pytest

from closeup.frames import RGBImage
from closeup.identity.quality import contrast, detail, nose_aside, sharpness, turned, weight
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
