from __future__ import annotations

import cv2
import numpy as np
import pytest

from closeup.evaluation.eye_look import look_at
from closeup.frames import RGBImage

EYES = np.array([[60.0, 90.0], [160.0, 90.0]])


def face(shade: int = 170) -> RGBImage:
    image = np.full((200, 220, 3), shade, np.uint8)
    for x, y in EYES.astype(int).tolist():
        cv2.ellipse(image, (x, y), (20, 9), 0, 0, 360, (225, 225, 225), -1)
        cv2.circle(image, (x, y), 8, (50, 40, 30), -1)
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 1), np.uint8)


def test_an_open_eye() -> None:
    for look in look_at(face(), EYES):
        assert look.distance == pytest.approx(100)
        assert look.brightness == pytest.approx(1.2, abs=0.2)
        assert look.spot > 0.3


def test_a_shut_eye_is_a_line() -> None:
    image = np.full((200, 220, 3), 170, np.uint8)
    cv2.line(image, (40, 90), (80, 90), (60, 50, 40), 3)
    right, left = look_at(image, EYES)
    assert abs(right.spot) < 0.05
    assert left.spot == 0


def test_dark_glasses_are_dark() -> None:
    image = face()
    cv2.rectangle(image, (30, 70), (190, 110), (15, 15, 15), -1)
    for look in look_at(image, EYES):
        assert look.brightness < 0.2


def test_a_reflection_is_no_iris() -> None:
    image = face()
    cv2.circle(image, (60, 90), 5, (255, 255, 255), -1)
    right, left = look_at(image, EYES)
    assert right.spot < 0 < left.spot


def test_blur_is_less_sharp() -> None:
    sharp, _ = look_at(face(), EYES)
    blurred, _ = look_at(np.asarray(cv2.GaussianBlur(face(), (0, 0), 6), np.uint8), EYES)
    assert blurred.sharpness < sharp.sharpness / 5


def test_black_and_tiny_pictures() -> None:
    (look, _) = look_at(np.zeros((2, 3, 3), np.uint8), np.array([[0.0, 0.0], [2.0, 1.0]]))
    assert (look.brightness, look.sharpness, look.spot) == (0, 0, 0)
