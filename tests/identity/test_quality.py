from __future__ import annotations

import cv2
import numpy as np
import pytest

from closeup.frames import RGBImage
from closeup.identity.quality import nose_aside, sharpness, turned, weight
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
