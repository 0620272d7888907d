"""What every face detector must do, on real pictures."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest

from closeup.detection.hog import HogDetector
from closeup.detection.mmod import MmodDetector
from closeup.detection.yunet import YuNetDetector
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import iou
from closeup.models.dlib_weights import read_network
from closeup.protocols import FaceDetector
from tests.real_photos import astronaut, dlib_file, hopper, lfw

NAMES = ["yunet-n", "yunet", "mmod", "hog"]


@cache
def opened(name: str, models: Path) -> FaceDetector:
    match name:
        case "yunet-n":
            return YuNetDetector((models / "yunet_n_dynamic.onnx").read_bytes(), threads=2)
        case "yunet":
            model = (models / "face_detection_yunet_2023mar.onnx").read_bytes()
            return YuNetDetector(model, "yunet", threads=2)
        case "mmod":
            return MmodDetector(read_network(dlib_file("mmod").read_bytes(), "mmod"), threads=2)
        case _:
            return HogDetector()


@pytest.fixture(params=NAMES)
def detector(request: pytest.FixtureRequest, shared_models: Path) -> FaceDetector:
    return opened(request.param, shared_models)


def assert_valid(faces: Faces, image: RGBImage) -> None:
    height, width = image.shape[:2]
    assert faces.boxes.dtype == faces.scores.dtype == np.float32
    assert np.all(faces.boxes >= -0.5)
    assert np.all(faces.boxes <= np.array([width, height, width, height]) - 0.5)
    assert np.all(faces.boxes[:, 2:] > faces.boxes[:, :2])
    assert np.all(np.diff(faces.scores) <= 0)


def test_its_name_is_known(detector: FaceDetector) -> None:
    assert detector.name in NAMES


def test_no_picture_gives_no_result(detector: FaceDetector) -> None:
    assert detector.detect([]) == []


@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 50), (50, 1), (2, 3), (31, 33), (0, 0), (0, 9), (9, 0), (100, 4000)]
)
def test_pictures_without_a_face(detector: FaceDetector, shape: tuple[int, int]) -> None:
    image = np.full((*shape, 3), 90, np.uint8)
    (faces,) = detector.detect([image])
    assert len(faces) == 0
    assert faces.boxes.shape == (0, 4)


def test_noise_and_gradients_give_valid_boxes(detector: FaceDetector) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (200, 300, 3), np.uint8)
    ramp = np.broadcast_to(np.arange(240, dtype=np.uint8)[None, :, None], (180, 240, 3)).copy()
    for image, faces in zip([noise, ramp], detector.detect([noise, ramp]), strict=True):
        assert_valid(faces, image)
        assert len(faces) <= 1


@pytest.mark.parametrize("portrait", [astronaut, hopper])
def test_a_portrait_has_one_face_where_all_see_it(
    portrait: Callable[[], RGBImage], shared_models: Path
) -> None:
    image = portrait()
    best = []
    for name in NAMES:
        (faces,) = opened(name, shared_models).detect([image])
        assert_valid(faces, image)
        assert len(faces) == 1, name
        best.append(faces.boxes[0])
    assert iou(np.array(best), np.array(best)).min() > 0.4


def test_a_portrait_in_grey_still_has_its_face(detector: FaceDetector) -> None:
    colour = hopper()
    grey = np.repeat(cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
    expected, found = detector.detect([colour, np.ascontiguousarray(grey)])
    assert iou(expected.boxes[:1], found.boxes[:1])[0, 0] > 0.7


@pytest.mark.parametrize("degrees", [-15, 15])
def test_a_tilted_head_is_found(detector: FaceDetector, degrees: int) -> None:
    image = astronaut()
    (upright,) = detector.detect([image])
    middle = (upright.boxes[0, :2] + upright.boxes[0, 2:]) / 2
    turn = cv2.getRotationMatrix2D((float(middle[0]), float(middle[1])), degrees, 1)
    turned = np.asarray(cv2.warpAffine(image, turn, (512, 512)), np.uint8)
    (faces,) = detector.detect([turned])
    assert_valid(faces, turned)
    assert iou(faces.boxes[:1], upright.boxes[:1])[0, 0] > 0.5


def test_many_faces(detector: FaceDetector, shared_data: Path) -> None:
    photos = lfw(shared_data, 5)
    crowd = np.hstack(photos)
    (faces,) = detector.detect([crowd])
    assert_valid(faces, crowd)
    centres = (faces.boxes[:, 0] + faces.boxes[:, 2]) / 2
    assert {int(x // 250) for x in centres} == set(range(5))


def test_a_face_at_the_border_stays_inside(detector: FaceDetector) -> None:
    image = np.ascontiguousarray(astronaut()[60:300, 190:420])
    (faces,) = detector.detect([image])
    assert_valid(faces, image)


def test_a_batch_gives_what_its_pictures_give(detector: FaceDetector, shared_data: Path) -> None:
    photos = [*lfw(shared_data, 2), hopper(), np.zeros((5, 5, 3), np.uint8), astronaut()]
    together = detector.detect(photos)
    assert len(together) == len(photos)
    for photo, faces in zip(photos, together, strict=True):
        (alone,) = detector.detect([photo])
        np.testing.assert_array_equal(faces.boxes, alone.boxes)
        np.testing.assert_array_equal(faces.scores, alone.scores)


def test_pictures_are_only_read(detector: FaceDetector) -> None:
    image = hopper()
    image.flags.writeable = False
    before = image.copy()
    assert len(detector.detect([image])[0]) == 1
    np.testing.assert_array_equal(image, before)


def test_a_view_with_steps_is_a_picture_too(detector: FaceDetector) -> None:
    mirrored = hopper()[:, ::-1]
    expected, found = detector.detect([np.ascontiguousarray(mirrored), mirrored])
    np.testing.assert_array_equal(found.boxes, expected.boxes)


def test_two_threads_find_what_one_does(detector: FaceDetector, shared_data: Path) -> None:
    pictures = [astronaut(), hopper(), *lfw(shared_data, 2)] * 3
    expected = [detector.detect([picture])[0] for picture in pictures]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda picture: detector.detect([picture])[0], pictures))
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_array_equal(a.boxes, b.boxes)
        np.testing.assert_array_equal(a.scores, b.scores)
