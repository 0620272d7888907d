from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from closeup.detection.hog import HogDetector
from closeup.detection.yunet import YuNetDetector
from closeup.faces import Landmarks
from closeup.frames import RGBImage
from closeup.landmarks.dlib_points import DlibLandmarker
from closeup.landmarks.five_points import five_points
from closeup.landmarks.templates import ARCFACE_POINTS, arcface
from closeup.similarity import Similarity
from tests.real_photos import astronaut, dlib_file, hopper, lfw

NAMES = ("dlib-5-points", "dlib-68-points")


@cache
def landmarker(name: str) -> DlibLandmarker:
    return DlibLandmarker(dlib_file(name), name)


def both(name: str, photo: RGBImage, models: Path) -> tuple[Landmarks, Landmarks]:
    """Points of the best face by YuNet, and by dlib in its box."""
    yunet = YuNetDetector((models / "yunet_n_dynamic.onnx").read_bytes(), threads=1)
    faces = yunet.detect(photo)[np.array([0])]
    assert faces.landmarks is not None
    return faces.landmarks[0], five_points(landmarker(name).find(photo, faces))[0]


@pytest.mark.parametrize("name", NAMES)
def test_alignment_is_near_that_by_the_detectors_points(
    name: str, shared_data: Path, shared_models: Path
) -> None:
    apart = []
    for photo in [astronaut(), hopper(), *lfw(shared_data, 5)]:
        by_yunet, by_dlib = (arcface(points) for points in both(name, photo, shared_models))
        there = by_yunet.inverse().then(by_dlib).apply(ARCFACE_POINTS)
        apart.append(np.linalg.norm(there - ARCFACE_POINTS, axis=1).mean())
    assert np.median(apart) < 3  # of 112 pixels
    assert max(apart) < 6


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("photo", [astronaut, hopper])
def test_each_point_is_near_the_detectors(
    name: str, photo: Callable[[], RGBImage], shared_models: Path
) -> None:
    by_yunet, by_dlib = both(name, photo(), shared_models)
    eyes = np.linalg.norm(by_yunet[1] - by_yunet[0])
    assert by_dlib.dtype == np.float32
    apart = np.linalg.norm(by_dlib - by_yunet, axis=1) / eyes
    assert apart[:2].max() < 0.12
    assert apart[2:].max() < 0.3


def test_eyes_of_five_points_move_with_their_corners() -> None:
    faces = HogDetector().detect(astronaut())
    points = landmarker("dlib-5-points").find(astronaut(), faces)
    shifted = points.copy()
    shifted[:, 2:4] += 3
    moved = five_points(shifted) - five_points(points)
    assert np.all(moved[0, 0] > 2.5)
    assert np.abs(moved[0, 1]).max() < 0.5


@pytest.mark.parametrize("count", [5, 68])
def test_they_move_turn_and_grow_with_the_face(count: int) -> None:
    rng = np.random.default_rng(count)
    points = np.float32(100) * rng.random((3, count, 2), np.float32)
    change = Similarity(np.array([[1.2, -0.9, 40], [0.9, 1.2, -7]]))
    moved = five_points(change.apply(points).astype(np.float32))
    np.testing.assert_allclose(moved, change.apply(five_points(points)), atol=1e-3)


def test_of_sixty_eight_points_they_are_the_known_ones() -> None:
    points = np.arange(68 * 2, dtype=np.float32).reshape(1, 68, 2)
    (found,) = five_points(points)
    assert found[:, 0].tolist() == [2 * 38.5, 2 * 44.5, 60, 96, 108]


@pytest.mark.parametrize("count", [5, 68])
def test_no_face_has_no_points(count: int) -> None:
    assert five_points(np.empty((0, count, 2), np.float32)).shape == (0, 5, 2)


def test_a_face_of_one_point_is_refused() -> None:
    with pytest.raises(ValueError, match="fix no similarity"):
        five_points(np.ones((1, 5, 2), np.float32))
