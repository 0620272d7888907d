"""What every landmarker must do, on real photos."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from closeup.detection.hog import HogDetector
from closeup.detection.yunet import YuNetDetector
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.opening import LANDMARKERS, open_landmarker
from closeup.protocols import Landmarker
from closeup.settings import Settings
from tests.real_photos import astronaut, hopper, lfw

PORTRAITS = [astronaut, hopper]
EYES = {
    5: ([2, 3], [0, 1]),
    68: (range(36, 42), range(42, 48)),
    468: ([33, 160, 158, 133, 153, 144], [362, 385, 387, 263, 373, 380]),
}
"""Points of the subject's right and left eye."""


@cache
def opened(name: str, models: Path) -> Landmarker:
    return open_landmarker(name, settings=Settings(models, Path("no such folder")))


@pytest.fixture(params=LANDMARKERS)
def landmarker(request: pytest.FixtureRequest, all_models: Path) -> Landmarker:
    return opened(request.param, all_models)


@cache
def hog(portrait: Callable[[], RGBImage]) -> Faces:
    return HogDetector().detect(portrait())


def eyes(landmarker: Landmarker, points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Middle of each eye's points, right one first; shape (n, 2, 2)."""
    right, left = (points[:, list(rows)].mean(axis=1) for rows in EYES[landmarker.count])
    return np.stack([right, left], axis=1)


def assert_near(
    landmarker: Landmarker, found: NDArray[np.float32], expected: NDArray[np.floating], share: float
) -> None:
    """All points are nearer than so much of the distance between the eyes."""
    right, left = eyes(landmarker, expected.astype(np.float32))[0]
    distance = np.linalg.norm(left - right)
    assert np.linalg.norm(found - expected, axis=2).max() < share * distance


def test_its_name_is_known(landmarker: Landmarker) -> None:
    assert landmarker.name in LANDMARKERS


@pytest.mark.parametrize("portrait", PORTRAITS)
def test_points_have_the_stated_shape_and_lie_on_the_face(
    landmarker: Landmarker, portrait: Callable[[], RGBImage]
) -> None:
    faces = hog(portrait)
    points = landmarker.find(portrait(), faces)
    assert points.shape == (1, landmarker.count, 2)
    assert points.dtype == np.float32
    x1, y1, x2, y2 = faces.boxes[0]
    margin = 0.2 * (x2 - x1)
    assert np.all(points >= [x1 - margin, y1 - margin])
    assert np.all(points <= [x2 + margin, y2 + margin])


@pytest.mark.parametrize("portrait", PORTRAITS)
def test_the_right_eye_is_left_in_the_picture(
    landmarker: Landmarker, portrait: Callable[[], RGBImage]
) -> None:
    points = landmarker.find(portrait(), hog(portrait))
    right, left = eyes(landmarker, points)[0]
    lowest = points[0, :, 1].max()
    assert right[0] < left[0]
    assert max(right[1], left[1]) < lowest


def test_eyes_are_those_of_the_detector(
    landmarker: Landmarker, shared_data: Path, shared_models: Path
) -> None:
    yunet = YuNetDetector((shared_models / "yunet_n_dynamic.onnx").read_bytes(), threads=1)
    for photo in [astronaut(), hopper(), *lfw(shared_data, 5)]:
        faces = yunet.detect(photo)[np.array([0])]
        assert faces.landmarks is not None
        by_yunet = faces.landmarks[:, :2]
        distance = np.linalg.norm(by_yunet[0, 1] - by_yunet[0, 0])
        found = eyes(landmarker, landmarker.find(photo, faces))
        assert np.linalg.norm(found - by_yunet, axis=2).max() < 0.15 * distance


def test_they_do_not_depend_on_whose_box_it_is(landmarker: Landmarker, shared_models: Path) -> None:
    yunet = YuNetDetector((shared_models / "yunet_n_dynamic.onnx").read_bytes(), threads=1)
    for portrait in PORTRAITS:
        photo = portrait()
        expected = eyes(landmarker, landmarker.find(photo, hog(portrait)))
        found = eyes(landmarker, landmarker.find(photo, yunet.detect(photo)))
        distance = np.linalg.norm(expected[0, 1] - expected[0, 0])
        assert np.linalg.norm(found - expected, axis=2).max() < 0.1 * distance


def test_they_move_with_the_picture(landmarker: Landmarker) -> None:
    photo, faces = astronaut(), hog(astronaut)
    large = np.zeros((2160, 3840, 3), np.uint8)
    large[1000:1512, 2000:2512] = photo
    there = replace(faces, boxes=faces.boxes + np.array([2000, 1000, 2000, 1000], np.float32))
    moved = landmarker.find(large, there) - np.array([2000, 1000], np.float32)
    # Networks round places of pixels as far as float32 goes.
    np.testing.assert_allclose(moved, landmarker.find(photo, faces), atol=0.01)


@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_they_grow_with_the_picture(landmarker: Landmarker, scale: float) -> None:
    photo, faces = astronaut(), hog(astronaut)
    resized = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    found = landmarker.find(np.asarray(resized, np.uint8), faces.scaled(scale, scale))
    expected = (landmarker.find(photo, faces) + 0.5) * scale - 0.5
    assert_near(landmarker, found, expected, 0.12)


@pytest.mark.parametrize("degrees", [-12, 12])
def test_they_turn_with_the_head(landmarker: Landmarker, degrees: float) -> None:
    photo, faces = astronaut(), hog(astronaut)
    x, y = ((faces.boxes[0, :2] + faces.boxes[0, 2:]) / 2).tolist()
    matrix = cv2.getRotationMatrix2D((x, y), degrees, 1)
    turned = np.asarray(cv2.warpAffine(photo, matrix, (512, 512)), np.uint8)
    expected = landmarker.find(photo, faces) @ matrix[:, :2].T + matrix[:, 2]
    assert_near(landmarker, landmarker.find(turned, faces), expected, 0.3)
    right, left = eyes(landmarker, landmarker.find(turned, faces))[0]
    straight_right, straight_left = eyes(landmarker, expected)[0]
    angles = [
        np.arctan2(*(b - a)[::-1]) for a, b in [(right, left), (straight_right, straight_left)]
    ]
    assert abs(np.rad2deg(angles[0] - angles[1])) < 3


def test_no_face_has_no_points(landmarker: Landmarker) -> None:
    points = landmarker.find(astronaut(), Faces.none())
    assert points.shape == (0, landmarker.count, 2)
    assert points.dtype == np.float32


def test_every_face_has_its_points(landmarker: Landmarker) -> None:
    both = np.hstack([astronaut(), np.zeros((512, 40, 3), np.uint8), astronaut()])
    boxes = hog(astronaut).boxes
    aside = boxes + np.array([552, 0, 552, 0], np.float32)
    faces = Faces(np.concatenate([aside, boxes]), np.ones(2, np.float32))
    right, left = landmarker.find(both, faces)
    np.testing.assert_allclose(right - np.array([552, 0], np.float32), left, atol=3)
    np.testing.assert_array_equal(left, landmarker.find(both, faces[np.array([1])])[0])


def test_half_a_face_has_points_near_its_edge(landmarker: Landmarker) -> None:
    """What left the picture is guessed; the rest stays where it is."""
    faces = hog(astronaut)
    whole = landmarker.find(astronaut(), faces)
    left = int(whole[0, :, 0].min()) - 2
    cut = np.ascontiguousarray(astronaut()[:, left:])
    shift = np.array([left, 0], np.float32)
    there = replace(faces, boxes=faces.boxes - np.tile(shift, 2))
    assert_near(landmarker, landmarker.find(cut, there) + shift, whole, 0.4)


@pytest.mark.parametrize(
    "box", [(-90, -90, -40, -40), (600, 600, 700, 700), (5, 5, 5, 5), (-50, 100, 40, 190)]
)
def test_a_box_may_leave_the_picture(landmarker: Landmarker, box: tuple[int, ...]) -> None:
    faces = Faces(np.array([box], np.float32), np.ones(1, np.float32))
    points = landmarker.find(astronaut(), faces)
    assert points.shape == (1, landmarker.count, 2)
    assert np.isfinite(points).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 200), (200, 1)])
def test_pictures_of_a_pixel_or_a_line(landmarker: Landmarker, shape: tuple[int, int]) -> None:
    faces = Faces(np.array([[-0.5, -0.5, 0.5, 0.5]], np.float32), np.ones(1, np.float32))
    points = landmarker.find(np.zeros((*shape, 3), np.uint8), faces)
    assert points.shape == (1, landmarker.count, 2)


def test_views_and_read_only_pictures(landmarker: Landmarker) -> None:
    mirrored = astronaut()[:, ::-1]
    mirrored.flags.writeable = False
    faces = hog(astronaut)
    boxes = faces.boxes.copy()
    boxes[:, [0, 2]] = 511 - boxes[:, [2, 0]]
    there = replace(faces, boxes=boxes)
    expected = landmarker.find(np.ascontiguousarray(mirrored), there)
    np.testing.assert_array_equal(landmarker.find(mirrored, there), expected)


def test_two_threads_find_what_one_does(landmarker: Landmarker) -> None:
    photos = PORTRAITS * 5
    expected = [landmarker.find(portrait(), hog(portrait)) for portrait in photos]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda each: landmarker.find(each(), hog(each)), photos))
    np.testing.assert_array_equal(found, expected)
