import cv2
import numpy as np
import pytest

from closeup.detection import haar
from closeup.detection.haar import HaarDetector
from closeup.errors import ModelMissingError
from tests.real_photos import astronaut, hopper


def test_boxes_are_those_of_opencv() -> None:
    original = cv2.CascadeClassifier(f"{cv2.data.haarcascades}{haar._FILE}")
    for photo in (astronaut(), hopper()):
        grey = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)
        ((x, y, width, height),) = original.detectMultiScale(grey, 1.08, 4)
        faces = HaarDetector().detect(photo)
        assert faces.boxes.tolist() == [[x - 0.5, y - 0.5, x + width - 0.5, y + height - 0.5]]
        assert 53 < faces.scores[0] < 60


def test_the_eyes_are_in_the_upper_half_of_a_box() -> None:
    faces = HaarDetector().detect(astronaut())
    (square,) = faces.squares()
    left, top, right, bottom = square.tolist()
    for x, y in ((205, 105), (245, 105)):
        assert left < x < right
        assert top < y < (top + bottom) / 2


def test_without_its_file_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(haar, "_FILE", "haarcascade_nobody.xml")
    with pytest.raises(ModelMissingError, match="pip install"):
        HaarDetector()


def test_a_picture_smaller_than_the_window_has_no_face() -> None:
    detector = HaarDetector()
    assert [
        len(detector.detect(np.zeros((h, w, 3), np.uint8)))
        for h, w in ((19, 90), (90, 19), (20, 20))
    ] == [0, 0, 0]
