"""Chips cut from a part of the picture against dlib's from the whole."""

from pathlib import Path
from typing import Any

import cv2
import dlib
import numpy as np
import pytest

from closeup.detection.hog import HogDetector
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.landmarks.alignment import chip_similarity, face_chip
from closeup.landmarks.dlib_points import DlibLandmarker, DlibPoints
from closeup.landmarks.warping import warped
from closeup.similarity import Similarity
from tests.real_photos import astronaut, dlib_file, hopper, lfw


@pytest.fixture(scope="module")
def landmarker() -> DlibLandmarker:
    return DlibLandmarker(dlib_file("dlib-5-points"))


def points_of(photo: RGBImage, landmarker: DlibLandmarker) -> DlibPoints:
    points: DlibPoints = landmarker.find(photo, HogDetector().detect(photo))[0]
    return points


def whole(photo: RGBImage, points: DlibPoints, side: int = 150) -> Any:
    parts = [dlib.point(*point) for point in points.astype(int).tolist()]
    shape = dlib.full_object_detection(dlib.rectangle(0, 0, 9, 9), parts)
    return dlib.get_face_chip(photo, shape, side, 0.25)


def test_photos(landmarker: DlibLandmarker, shared_data: Path) -> None:
    for photo in [astronaut(), hopper(), *lfw(shared_data, 3)]:
        points = points_of(photo, landmarker)
        np.testing.assert_array_equal(face_chip(photo, points, 150), whole(photo, points))


@pytest.mark.parametrize("scale", [0.5, 2, 5, 9])
@pytest.mark.parametrize("side", [60, 150])
def test_faces_of_all_sizes(landmarker: DlibLandmarker, scale: float, side: int) -> None:
    photo = astronaut()
    points = np.trunc(points_of(photo, landmarker) * np.float32(scale))
    resized = np.asarray(cv2.resize(photo, None, fx=scale, fy=scale), np.uint8)
    np.testing.assert_array_equal(face_chip(resized, points, side), whole(resized, points, side))


@pytest.mark.parametrize("degrees", [30, 90, 135, 180])
def test_turned_faces_come_out_upright(landmarker: DlibLandmarker, degrees: int) -> None:
    photo = astronaut()
    points = points_of(photo, landmarker)
    upright = face_chip(photo, points, 150).astype(int)
    turn = cv2.getRotationMatrix2D((float(points[4, 0]), float(points[4, 1])), degrees, 1)
    turned = np.asarray(cv2.warpAffine(photo, turn, (512, 512)), np.uint8)
    moved = np.rint(points @ turn[:, :2].T + turn[:, 2]).astype(np.float32)
    chip = face_chip(turned, moved, 150)
    np.testing.assert_array_equal(chip, whole(turned, moved))
    assert np.abs(chip.astype(int) - upright)[30:120, 30:120].mean() < 12


@pytest.mark.parametrize("edge", [0, 1])
@pytest.mark.parametrize("scale", [1, 4])
def test_beyond_the_picture_its_border_is_repeated(
    landmarker: DlibLandmarker, edge: int, scale: int
) -> None:
    points = points_of(astronaut(), landmarker)
    first = np.zeros(2, int)
    first[edge] = int(points[:, edge].min()) - 10
    photo = np.ascontiguousarray(astronaut()[first[1] :, first[0] :])
    photo = np.asarray(cv2.resize(photo, None, fx=scale, fy=scale), np.uint8)
    points = (points - first) * scale
    more = 150 * scale
    extended = cv2.copyMakeBorder(photo, more, more, more, more, cv2.BORDER_REPLICATE)
    chip = face_chip(photo, points, 150)
    np.testing.assert_array_equal(chip, whole(np.asarray(extended, np.uint8), points + more))
    assert not (chip == whole(photo, points)).all(), "dlib fills with black"


def test_a_face_in_a_large_frame(landmarker: DlibLandmarker) -> None:
    photo = astronaut()
    points = points_of(photo, landmarker)
    large = np.zeros((2160, 3840, 3), np.uint8)
    large[1000:1512, 2000:2512] = photo
    chip = face_chip(large, points + np.array([2000, 1000]), 150)
    np.testing.assert_array_equal(chip, face_chip(photo, points, 150))


@pytest.mark.parametrize(("scale", "side"), [(0.5, 150), (1, 60), (1, 150), (3, 150)])
def test_the_similarity_says_where_the_chip_comes_from(
    landmarker: DlibLandmarker, scale: float, side: int
) -> None:
    photo = np.asarray(cv2.resize(astronaut(), None, fx=scale, fy=scale), np.uint8)
    points = np.trunc(points_of(astronaut(), landmarker) * np.float32(scale))
    similarity = chip_similarity(points, side)
    chip = face_chip(photo, points, side).astype(int)
    size = Size(side, side)

    def apart(x: float, y: float) -> float:
        shift = Similarity(np.array([[1, 0, x], [0, 1, y]]))
        return float(np.abs(warped(photo, similarity.then(shift), size) - chip).mean())

    here = apart(0, 0)
    # dlib halves large faces and puts them a quarter of a pixel aside.
    assert here < min(apart(x, y) for x, y in [(0.6, 0), (-0.6, 0), (0, 0.6), (0, -0.6)])


def test_the_similarity_of_a_turned_face(landmarker: DlibLandmarker) -> None:
    points = points_of(astronaut(), landmarker)
    turned = np.rint(Similarity(np.array([[0.0, -1, 500], [1, 0, 0]])).apply(points))
    there, here = chip_similarity(turned.astype(np.float32), 150), chip_similarity(points, 150)
    np.testing.assert_allclose(there.apply(turned), here.apply(points), atol=1e-6)


def test_sixty_eight_points_have_a_chip_too() -> None:
    landmarker = DlibLandmarker(dlib_file("dlib-68-points"), "dlib-68-points")
    points = points_of(astronaut(), landmarker)
    np.testing.assert_array_equal(face_chip(astronaut(), points, 150), whole(astronaut(), points))
    right, left = chip_similarity(points, 150).apply(points[[36, 45]])
    assert abs(right[1] - left[1]) < 2
    assert abs((right[0] + left[0]) / 2 - 74.5) < 3
