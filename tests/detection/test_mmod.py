"""The detector against dlib's own on the same network and photos."""

from pathlib import Path
from typing import Any, Literal

import cv2
import dlib
import numpy as np
import pytest

from closeup.detection.mmod import MmodDetector
from closeup.frames import RGBImage
from closeup.models.dlib_weights import read_network
from tests.real_photos import astronaut, dlib_file, lfw, stage


@pytest.fixture(scope="module")
def original() -> Any:
    return dlib.cnn_face_detection_model_v1(str(dlib_file("mmod")))


@pytest.fixture(scope="module")
def detectors() -> list[MmodDetector]:
    network = read_network(dlib_file("mmod").read_bytes(), "mmod")
    return [MmodDetector(network, upsample, threads=2) for upsample in (0, 1)]


def assert_same(
    detectors: list[MmodDetector], original: Any, image: RGBImage, upsample: Literal[0, 1]
) -> int:
    ours = detectors[upsample].detect(image)
    theirs = original(image, upsample)
    rectangles = [face.rect for face in theirs]
    corners = [(r.left(), r.top(), r.right(), r.bottom()) for r in rectangles]
    height, width = image.shape[:2]
    boxes = np.array(corners).reshape(-1, 4) + np.array([-0.5, -0.5, 0.5, 0.5])
    limits = np.array([width, height, width, height]) - 0.5
    np.testing.assert_array_equal(ours.boxes, np.clip(boxes, -0.5, limits))
    np.testing.assert_allclose(ours.scores, [face.confidence for face in theirs], atol=1e-4)
    assert ours.landmarks is None
    return len(ours)


def test_photos(detectors: list[MmodDetector], original: Any, shared_data: Path) -> None:
    for photo in lfw(shared_data, 3):
        assert assert_same(detectors, original, photo, 0) >= 1


def test_a_large_portrait(detectors: list[MmodDetector], original: Any) -> None:
    assert assert_same(detectors, original, astronaut(), 0) == 1


def test_a_stage(detectors: list[MmodDetector], original: Any, shared_data: Path) -> None:
    frame = stage(shared_data)
    assert_same(detectors, original, np.asarray(cv2.resize(frame, (480, 253)), np.uint8), 0)
    faces = np.ascontiguousarray(frame[420:560, 1000:1200])
    assert assert_same(detectors, original, faces, 1) >= 1


@pytest.mark.parametrize(
    ("height", "width"), [(151, 97), (97, 201), (40, 300), (130, 45), (20, 20), (58, 58), (400, 50)]
)
@pytest.mark.parametrize("upsample", [0, 1])
def test_odd_sizes(
    detectors: list[MmodDetector],
    original: Any,
    height: int,
    width: int,
    upsample: Literal[0, 1],
) -> None:
    part = np.ascontiguousarray(astronaut()[20 : 20 + height, 150 : 150 + width])
    assert_same(detectors, original, part, upsample)


def test_upsampling_finds_smaller_faces(detectors: list[MmodDetector]) -> None:
    small = np.asarray(cv2.resize(astronaut(), (200, 200), interpolation=cv2.INTER_AREA), np.uint8)
    assert [len(detector.detect(small)) for detector in detectors] == [0, 1]
