from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from closeup.detection.face_follower import FaceFollower
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import iou
from closeup.protocols import FaceDetector
from closeup.settings import Settings
from tests.kept_models import kept
from tests.real_photos import astronaut


class Counting(FaceDetector):
    """A detector that keeps the sizes of the pictures it has searched."""

    def __init__(self, detector: FaceDetector) -> None:
        self.name, self._detector = detector.name, detector
        self.sizes: list[tuple[int, int]] = []

    def detect(self, image: RGBImage) -> Faces:
        self.sizes.append((image.shape[1], image.shape[0]))
        return self._detector.detect(image)


@pytest.fixture
def detector(shared_models: Path) -> Counting:
    return Counting(kept(Settings(shared_models, Path("no such folder"))).detector("yunet-n"))


def shifted(x: float, y: float) -> RGBImage:
    matrix = np.array([[1.0, 0, x], [0, 1.0, y]])
    moved = cv2.warpAffine(astronaut(), matrix, (900, 700), borderMode=cv2.BORDER_CONSTANT)
    return np.asarray(moved, np.uint8)


def test_most_frames_are_searched_around_the_faces_only(detector: Counting) -> None:
    follower = FaceFollower(detector)
    for number in range(20):
        image = shifted(10.0 * number, 3.0 * number)
        found = follower.find(image, number / 25)
        sizes, detector.sizes = detector.sizes, []
        whole = detector.detect(image)
        detector.sizes = []
        assert iou(found.boxes, whole.boxes).max() > 0.8
        assert found.landmarks is not None
        assert whole.landmarks is not None
        assert np.abs(found.landmarks - whole.landmarks).max() < 8
        due = number % 8 == 0
        assert ((900, 700) in sizes) == due, number


def test_a_lost_face_is_searched_in_the_whole_picture(detector: Counting) -> None:
    follower = FaceFollower(detector)
    assert len(follower.find(shifted(0, 0), 0.0)) == 1
    assert not len(follower.find(np.zeros((700, 900, 3), np.uint8), 0.04))
    assert len(follower.find(shifted(300, 150), 0.08)) == 0  # nothing is followed: not due
    assert len(follower.find(shifted(300, 150), 0.40)) == 1


def test_a_face_that_jumps_is_found_at_once(detector: Counting) -> None:
    follower = FaceFollower(detector)
    follower.find(shifted(0, 0), 0.0)
    found = follower.find(shifted(350, 180), 0.04)
    assert len(found) == 1
    assert found.boxes[0, 0] > 400


def test_a_video_that_begins_again_is_searched_whole(detector: Counting) -> None:
    follower = FaceFollower(detector)
    follower.find(shifted(0, 0), 5.0)
    detector.sizes = []
    follower.find(shifted(0, 0), 0.0)
    assert detector.sizes == [(900, 700)]


def test_two_faces_are_followed_largest_first(detector: Counting) -> None:
    small = np.asarray(cv2.resize(astronaut(), None, fx=0.6, fy=0.6), np.uint8)
    image = np.zeros((700, 900, 3), np.uint8)
    image[: small.shape[0], : small.shape[1]] = small
    image[100:612, 380:892] = astronaut()
    follower = FaceFollower(detector)
    for number in range(3):
        found = follower.find(image, number / 25)
        assert len(found) == 2
        assert found.boxes[0, 0] > found.boxes[1, 0]
