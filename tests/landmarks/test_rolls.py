"""The roll of heads on real portraits, and of heads whose roll cannot be told."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from closeup.detection.hog import HogDetector
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import centres_of, heights_of
from closeup.landmarks.dlib_points import DlibLandmarker
from closeup.landmarks.five_points import five_points
from closeup.landmarks.rolls import RollFinder
from closeup.opening import open_detector
from closeup.progress import Silent
from closeup.protocols import FaceDetector
from closeup.settings import Settings
from tests.real_photos import astronaut, dlib_file, hopper
from tests.turned_photos import turned

DETECTORS = ("yunet-n", "closeup", "hog")


@cache
def opened(name: str, models: Path) -> FaceDetector:
    settings = Settings(models, Path("no such folder"))
    return open_detector(name, settings=settings, progress=Silent(), threads=1)


@cache
def five() -> DlibLandmarker:
    return DlibLandmarker(dlib_file("dlib-5-points"))


@cache
def found(name: str, models: Path, photo: Callable[[], RGBImage]) -> Faces:
    return opened(name, models).detect(photo())[np.array([0])]


@pytest.mark.parametrize("degrees", [0, 40, 90, 135, 180, 250, 300])
@pytest.mark.parametrize("photo", [astronaut, hopper])
@pytest.mark.parametrize("name", DETECTORS)
def test_turned_portraits(
    name: str, photo: Callable[[], RGBImage], degrees: int, shared_models: Path
) -> None:
    detector, face = opened(name, shared_models), found(name, shared_models, photo)
    image, turn = turned(photo(), degrees)
    # Boxes of heads that are not upright are about where the head is.
    centre = turn.apply(centres_of(face.boxes)) + 0.1 * heights_of(face.boxes)
    half = heights_of(face.boxes) / 2
    box = np.concatenate([centre - half, centre + half], axis=1).astype(np.float32)
    there = Faces(box, face.scores, squaring=face.squaring)
    again = RollFinder(detector, five()).find(image, there)
    assert again.rolls is not None
    assert not again.lying.any()
    before = five_points(five().find(photo(), face))[0]
    across, down = before[1] - before[0]
    expected = degrees + np.degrees(np.arctan2(down, across))
    assert abs((again.rolls[0] - expected + 180) % 360 - 180) < 8
    eyes = five_points(five().find(image, again))[0, :2]
    distance = np.linalg.norm(before[1] - before[0])
    assert np.linalg.norm(eyes - turn.apply(before[:2]), axis=1).max() < 0.2 * distance
    if again.landmarks is not None and degrees > 20:
        places = turn.apply(before)
        assert np.linalg.norm(again.landmarks[0] - places, axis=1).max() < 0.5 * distance


@pytest.mark.parametrize("photo", [astronaut, hopper])
def test_an_upright_face_stays_as_it_is(photo: Callable[[], RGBImage], shared_models: Path) -> None:
    face = found("yunet-n", shared_models, photo)
    again = RollFinder(opened("yunet-n", shared_models), five()).find(photo(), face)
    assert again.rolls is not None
    assert abs(again.rolls[0]) < 20
    np.testing.assert_array_equal(again.boxes, face.boxes)
    np.testing.assert_array_equal(again.landmarks, face.landmarks)
    points = five().find(photo(), face)
    np.testing.assert_array_equal(five().find(photo(), again), points)


class EverSurer(FaceDetector):
    """Sees a face in the middle of every picture, each time with a higher score."""

    name = "ever-surer"

    def __init__(self) -> None:
        self._score = 0.0

    def detect(self, image: RGBImage) -> Faces:
        self._score += 0.01
        middle = np.array([image.shape[1], image.shape[0]]) / 2
        return Faces.of([[*(middle - 33), *(middle + 33)]], [self._score])


def test_points_that_move_tell_no_roll() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (200, 200, 3), np.uint8)
    face = Faces.of([[70, 70, 130, 130]], [1.0])
    assert RollFinder(EverSurer(), five()).find(noise, face).lying.all()


@pytest.mark.parametrize("box", [(0, 0, 1, 1), (-50, -50, -30, -30), (5, 5, 5.5, 180)])
def test_boxes_of_all_kinds(box: tuple[float, ...]) -> None:
    faces = Faces.of([box], [1.0])
    again = RollFinder(HogDetector(), five()).find(astronaut()[:200, :200], faces)
    assert len(again) == 1
    assert again.rolls is not None


def test_no_face_has_no_roll() -> None:
    again = RollFinder(HogDetector(), five()).find(astronaut(), Faces.none())
    assert len(again) == 0
    assert again.rolls is not None
