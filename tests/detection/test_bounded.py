from __future__ import annotations

import numpy as np

from closeup.detection.bounded import BoundedDetector
from closeup.detection.hog import HogDetector
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import iou
from tests.real_photos import astronaut, hopper


class Measuring(HogDetector):
    """Remembers how large the pictures were."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[tuple[int, ...]] = []

    def detect(self, image: RGBImage) -> Faces:
        self.sizes.append(image.shape[:2])
        return super().detect(image)


def test_small_pictures_are_searched_as_they_are() -> None:
    detector = BoundedDetector(HogDetector(), 512 * 512)
    for expected, found in zip(
        HogDetector().detect_batch([astronaut(), hopper()]),
        BoundedDetector(HogDetector(), 600 * 600).detect_batch([astronaut(), hopper()]),
        strict=True,
    ):
        np.testing.assert_array_equal(expected.boxes, found.boxes)
    assert (detector.name, detector.reliable_height) == ("hog", 90)


def test_a_large_picture_is_searched_smaller_and_its_faces_lie_in_it() -> None:
    inner = Measuring()
    whole = HogDetector().detect(astronaut())
    found = BoundedDetector(inner, 150_000).detect(astronaut())
    assert inner.sizes == [(387, 387)]
    assert iou(whole.boxes, found.boxes)[0, 0] > 0.7


def test_a_very_long_picture_keeps_a_row() -> None:
    inner = Measuring()
    found = BoundedDetector(inner, 100).detect(np.zeros((1, 50_000, 3), np.uint8))
    assert len(found) == 0
    assert inner.sizes[0][0] == 1
