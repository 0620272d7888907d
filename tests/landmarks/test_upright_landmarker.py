from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest

from closeup.detection.yunet import YuNetDetector
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.landmarks.dlib_points import DlibLandmarker
from closeup.landmarks.upright_landmarker import UprightLandmarker
from tests.real_photos import astronaut, dlib_file, hopper

FIVE, MANY = (DlibLandmarker(dlib_file(f"dlib-{k}-points"), f"dlib-{k}-points") for k in (5, 68))


@pytest.fixture
def landmarker() -> UprightLandmarker:
    return UprightLandmarker(FIVE, MANY)


@cache
def yunet(models: Path) -> YuNetDetector:
    return YuNetDetector((models / "yunet_n_dynamic.onnx").read_bytes(), threads=1)


def best(models: Path, photo: RGBImage) -> Faces:
    return yunet(models).detect(photo)[np.array([0])]


def test_it_is_the_detailed_landmarker_by_name_and_number(landmarker: UprightLandmarker) -> None:
    assert landmarker.name == "dlib-68-points"
    assert landmarker.count == 68


def test_points_are_near_those_of_a_straight_look(
    landmarker: UprightLandmarker, shared_models: Path
) -> None:
    for photo in (astronaut(), hopper()):
        faces = best(shared_models, photo)
        straight, again = MANY.find(photo, faces), landmarker.find(photo, faces)
        assert again.shape == (1, 68, 2)
        assert again.dtype == np.float32
        eyes = np.linalg.norm(straight[0, 45] - straight[0, 36])
        assert np.median(np.linalg.norm(again - straight, axis=2)) < 0.05 * eyes
        assert np.linalg.norm(again - straight, axis=2)[0, 36:48].max() < 0.1 * eyes
        assert np.any(again != np.rint(again)), "they lie between pixels"


@pytest.mark.parametrize("degrees", [-20, 20])
def test_they_turn_with_the_head_more_exactly_than_those_of_a_straight_look(
    landmarker: UprightLandmarker, degrees: float, shared_models: Path
) -> None:
    photo = astronaut()
    matrix = cv2.getRotationMatrix2D((225, 110), degrees, 1)
    turned = np.asarray(cv2.warpAffine(photo, matrix, (512, 512)), np.uint8)
    plain, aside = best(shared_models, photo), best(shared_models, turned)
    errors = []
    for own in (landmarker, MANY):
        expected = own.find(photo, plain) @ matrix[:, :2].T + matrix[:, 2]
        errors.append(np.linalg.norm(own.find(turned, aside) - expected, axis=2).mean())
    assert errors[0] < errors[1]


def test_a_face_whose_points_are_all_one_gets_a_straight_look(
    landmarker: UprightLandmarker,
) -> None:
    dot = Faces(np.array([[-0.5, -0.5, 0.5, 0.5]], np.float32), np.ones(1, np.float32))
    picture = np.zeros((1, 1, 3), np.uint8)
    np.testing.assert_array_equal(landmarker.find(picture, dot), MANY.find(picture, dot))


@pytest.mark.parametrize(
    "box", [(-90, -90, -40, -40), (600, 600, 700, 700), (5, 5, 5, 5), (-50, 100, 40, 190)]
)
def test_a_box_may_leave_the_picture(landmarker: UprightLandmarker, box: tuple[float, ...]) -> None:
    faces = Faces(np.array([box], np.float32), np.ones(1, np.float32))
    points = landmarker.find(astronaut(), faces)
    assert points.shape == (1, 68, 2)
    assert np.isfinite(points).all()


def test_no_face_has_no_points(landmarker: UprightLandmarker) -> None:
    assert landmarker.find(astronaut(), Faces.none()).shape == (0, 68, 2)


def test_one_look_is_a_choice(shared_models: Path) -> None:
    faces = best(shared_models, astronaut())
    one = UprightLandmarker(FIVE, MANY, ((2.2, 0.4),)).find(astronaut(), faces)
    three = UprightLandmarker(FIVE, MANY).find(astronaut(), faces)
    assert 0 < np.linalg.norm(one - three, axis=2)[0, 36:48].mean() < 2
