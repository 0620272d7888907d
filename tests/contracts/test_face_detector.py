"""What every face detector must do, on real pictures."""

import resource
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest

from closeup.detection.yolo import YoloDetector
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import Boxes, covered, heights_of, iou
from closeup.models.files import locate
from closeup.opening import DETECTORS, open_detector, open_pupil_finder
from closeup.progress import Silent
from closeup.protocols import FaceDetector
from closeup.settings import Settings
from tests.real_photos import astronaut, hopper, lfw
from tests.yolo_files import white_square_yolo

NAMES = [name for name in DETECTORS if name != "auto"]
WHITE_SQUARES = "white-squares.onnx"
"""A YOLO file that takes white squares for faces: it must do all that needs no real face."""
OWN_FILE = "closeup_faces.onnx"
"""A file of ``closeup train faces``."""
OF_ANY_SIZE = ["yunet-n", "yunet", "closeup", "blazeface", "ssd", OWN_FILE]
"""Detectors that promise faces as large as the picture."""


@cache
def opened(name: str, models: Path) -> FaceDetector:
    if name == WHITE_SQUARES:
        said = {"names": "{0: 'face'}", "kpt_shape": "[5, 3]", "imgsz": "[320, 320]"}
        return YoloDetector(white_square_yolo(said, points=True), name, threads=2)
    settings = Settings(models, Path("no such folder"))
    if name == OWN_FILE:
        name = str(locate("closeup-faces", settings))
    return open_detector(name, settings=settings, progress=Silent(), threads=2)


@pytest.fixture(params=NAMES)
def detector(request: pytest.FixtureRequest, all_models: Path) -> FaceDetector:
    return opened(request.param, all_models)


@pytest.fixture(params=[*NAMES, WHITE_SQUARES])
def any_detector(request: pytest.FixtureRequest, all_models: Path) -> FaceDetector:
    return opened(request.param, all_models)


def assert_valid(faces: Faces, image: RGBImage) -> None:
    height, width = image.shape[:2]
    assert faces.boxes.dtype == faces.scores.dtype == np.float32
    assert np.all(faces.boxes >= -0.5)
    assert np.all(faces.boxes <= np.array([width, height, width, height]) - 0.5)
    assert np.all(faces.boxes[:, 2:] > faces.boxes[:, :2])
    assert np.all(np.diff(faces.scores) <= 0)
    assert np.isfinite(faces.squares()).all()


def test_its_name_is_known(any_detector: FaceDetector) -> None:
    name, _, version = any_detector.name.partition("@")
    assert name in [*NAMES, WHITE_SQUARES]
    assert bool(version) == (name in (WHITE_SQUARES, "closeup"))
    assert 10 <= any_detector.reliable_height <= 100


def test_no_picture_gives_no_result(any_detector: FaceDetector) -> None:
    assert any_detector.detect_batch([]) == []


@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 50), (50, 1), (2, 3), (31, 33), (0, 0), (0, 9), (9, 0), (100, 4000)]
)
def test_pictures_without_a_face(any_detector: FaceDetector, shape: tuple[int, int]) -> None:
    image = np.full((*shape, 3), 90, np.uint8)
    faces = any_detector.detect(image)
    assert len(faces) == 0
    assert faces.boxes.shape == (0, 4)


def test_noise_and_gradients_give_valid_boxes(any_detector: FaceDetector) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (200, 300, 3), np.uint8)
    ramp = np.broadcast_to(np.arange(240, dtype=np.uint8)[None, :, None], (180, 240, 3)).copy()
    for image, faces in zip([noise, ramp], any_detector.detect_batch([noise, ramp]), strict=True):
        assert_valid(faces, image)
        assert len(faces) <= 1


@pytest.mark.parametrize("portrait", [astronaut, hopper])
def test_a_portrait_has_one_face_where_all_see_it(
    portrait: Callable[[], RGBImage], all_models: Path
) -> None:
    image = portrait()
    best = []
    for name in NAMES:
        faces = opened(name, all_models).detect(image)
        assert_valid(faces, image)
        assert len(faces) == 1, name
        best.append(faces.boxes[0])
    assert iou(np.array(best), np.array(best)).min() > 0.4


def test_a_portrait_in_grey_still_has_its_face(detector: FaceDetector) -> None:
    colour = hopper()
    grey = np.repeat(cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
    expected, found = detector.detect_batch([colour, np.ascontiguousarray(grey)])
    assert iou(expected.boxes[:1], found.boxes[:1])[0, 0] > 0.7


@pytest.mark.parametrize("degrees", [-15, 15])
def test_a_tilted_head_is_found(detector: FaceDetector, degrees: int) -> None:
    image = astronaut()
    upright = detector.detect(image)
    middle = (upright.boxes[0, :2] + upright.boxes[0, 2:]) / 2
    turn = cv2.getRotationMatrix2D((float(middle[0]), float(middle[1])), degrees, 1)
    turned = np.asarray(cv2.warpAffine(image, turn, (512, 512)), np.uint8)
    faces = detector.detect(turned)
    assert_valid(faces, turned)
    assert iou(faces.boxes[:1], upright.boxes[:1])[0, 0] > 0.5


def test_many_faces(detector: FaceDetector, shared_data: Path) -> None:
    photos = lfw(shared_data, 5)
    crowd = np.hstack(photos)
    faces = detector.detect(crowd)
    assert_valid(faces, crowd)
    centres = (faces.boxes[:, 0] + faces.boxes[:, 2]) / 2
    assert {int(x // 250) for x in centres} == set(range(5))


def test_a_face_at_the_border_stays_inside(any_detector: FaceDetector) -> None:
    image = np.ascontiguousarray(astronaut()[60:300, 190:420])
    faces = any_detector.detect(image)
    assert_valid(faces, image)


def close(portrait: RGBImage, face: Boxes, share: float, side: int) -> RGBImage:
    """A square picture, of whose side the face takes a share in height."""
    x1, y1, x2, y2 = face.tolist()
    scale = share * side / (y2 - y1)
    left, top = (x1 + x2 - side / scale) / 2, (y1 + y2 - side / scale) / 2
    moved = np.array([[scale, 0, -left * scale], [0, scale, -top * scale]])
    border, method = cv2.BORDER_REPLICATE, cv2.INTER_CUBIC
    drawn = cv2.warpAffine(portrait, moved, (side, side), flags=method, borderMode=border)
    return np.asarray(drawn, np.uint8)


@pytest.mark.parametrize("name", OF_ANY_SIZE)
@pytest.mark.parametrize("share", [0.45, 0.95])
@pytest.mark.parametrize("portrait", [astronaut, hopper])
def test_a_close_face_is_found_once_at_every_size(
    portrait: Callable[[], RGBImage], share: float, name: str, all_models: Path
) -> None:
    (face,) = opened("yunet-n", all_models).detect(portrait()).boxes
    pupils = open_pupil_finder(settings=Settings(all_models, Path("no such folder")))
    for side in (320, 1300, 4000):
        image = close(portrait(), face, share, side)
        faces = opened(name, all_models).detect(image)
        assert_valid(faces, image)
        width = share * (face[2] - face[0]) / (face[3] - face[1])
        middle = np.array([0.5, 0.5, 0.5, 0.5]) + np.array([-width, -share, width, share]) / 2
        truth = (middle * side)[None]
        inside = faces[covered(faces.boxes, truth)[:, 0] > 0.5]
        assert len(inside) == 1, side
        assert iou(inside.boxes, truth)[0, 0] > 0.5
        assert pupils.find(image, inside).found.all()


@pytest.mark.parametrize("name", ["yunet-n", "yunet", "closeup", "blazeface"])
def test_two_close_faces_and_a_small_one_before_them_stay_three(
    name: str, all_models: Path
) -> None:
    finder = opened("yunet-n", all_models)
    portraits = [astronaut(), hopper()]
    faces = [finder.detect(portrait).boxes[0] for portrait in portraits]
    pair = np.hstack([close(*own, 0.9, 1000) for own in zip(portraits, faces, strict=True)])
    pair[750:900, 250:400] = close(portraits[0], faces[0], 0.6, 150)
    found = opened(name, all_models).detect(pair)
    heights = np.sort(heights_of(found.boxes))
    np.testing.assert_allclose(heights, [90, 900, 900], rtol=0.25)


@pytest.mark.serial
def test_a_huge_picture_needs_no_huge_memory(any_detector: FaceDetector) -> None:
    face = np.asarray(cv2.resize(astronaut(), (2000, 2000)), np.uint8)
    huge = np.full((4000, 6000, 3), 90, np.uint8)
    huge[1000:3000, 2000:4000] = face
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    faces = any_detector.detect(huge)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown * 1024 < 1e9  # Linux counts in KiB
    assert_valid(faces, huge)
    if any_detector.name in NAMES:
        middle = (faces.boxes[0, :2] + faces.boxes[0, 2:]) / 2
        assert np.abs(middle - [2870, 1450]).max() < 150


def test_a_batch_gives_what_its_pictures_give(
    any_detector: FaceDetector, shared_data: Path
) -> None:
    photos = [*lfw(shared_data, 2), hopper(), np.zeros((5, 5, 3), np.uint8), astronaut()]
    together = any_detector.detect_batch(photos)
    assert len(together) == len(photos)
    for photo, faces in zip(photos, together, strict=True):
        alone = any_detector.detect(photo)
        np.testing.assert_array_equal(faces.boxes, alone.boxes)
        np.testing.assert_array_equal(faces.scores, alone.scores)


def test_pictures_are_only_read(detector: FaceDetector) -> None:
    image = hopper()
    image.flags.writeable = False
    before = image.copy()
    assert len(detector.detect(image)) == 1
    np.testing.assert_array_equal(image, before)


def test_a_view_with_steps_is_a_picture_too(any_detector: FaceDetector) -> None:
    mirrored = hopper()[:, ::-1]
    expected, found = any_detector.detect_batch([np.ascontiguousarray(mirrored), mirrored])
    np.testing.assert_array_equal(found.boxes, expected.boxes)


def test_two_threads_find_what_one_does(any_detector: FaceDetector, shared_data: Path) -> None:
    pictures = [astronaut(), hopper(), *lfw(shared_data, 2)] * 3
    expected = [any_detector.detect(picture) for picture in pictures]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda picture: any_detector.detect(picture), pictures))
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_array_equal(a.boxes, b.boxes)
        np.testing.assert_array_equal(a.scores, b.scores)
