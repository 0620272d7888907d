from __future__ import annotations

import cv2
import numpy as np
import pytest

from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.identity.defects import UNFIT_TO_ENROL, Defect, defects
from closeup.opening import open_detector, open_embedder
from closeup.progress import Silent
from closeup.settings import Settings
from tests.real_photos import astronaut, hopper

FRONT = np.array([[[30, 40], [70, 40], [50, 60], [35, 80], [65, 80]]], np.float32)
ASIDE = FRONT + np.array([[0, 0], [0, 0], [18, 0], [0, 0], [0, 0]], np.float32)

SIZE = Size(100, 100)


@pytest.fixture
def chip() -> RGBImage:
    noise = np.random.default_rng(0).integers(0, 256, (150, 150, 3), np.uint8)
    return np.asarray(cv2.GaussianBlur(noise, (0, 0), 1), np.uint8)


def face(height: float = 80, points: np.ndarray | None = FRONT) -> Faces:
    return Faces(np.array([[5, 5, 65, 5 + height]], np.float32), np.ones(1, np.float32), points)


@pytest.mark.parametrize("photo", [astronaut(), hopper()])
def test_good_portraits_have_none(photo: RGBImage, settings: Settings) -> None:
    detector = open_detector("yunet-n", settings=settings, progress=Silent(), threads=1)
    faces = detector.detect(photo)
    (chip,) = open_embedder(settings=settings, threads=1).chips(photo, faces)
    assert defects(faces, chip, Size.of(photo)) == []


def test_each_one_is_named(chip: RGBImage) -> None:
    blurred = np.asarray(cv2.GaussianBlur(chip, (0, 0), 9), np.uint8)
    assert defects(face(), chip, SIZE) == []
    assert defects(face(height=20), chip, SIZE) == [Defect.SMALL]
    assert Defect.BLURRED in defects(face(), blurred, SIZE)
    assert defects(face(points=ASIDE), chip, SIZE) == [Defect.ASIDE]
    assert Defect.DARK in defects(face(), chip // np.uint8(10), SIZE)
    assert Defect.BRIGHT in defects(face(), 255 - chip // np.uint8(10), SIZE)
    assert Defect.FLAT in defects(face(), 100 + chip // np.uint8(20), SIZE)


def test_a_face_turned_aside_may_still_be_enrolled() -> None:
    assert Defect.ASIDE not in UNFIT_TO_ENROL
    assert set(Defect) - UNFIT_TO_ENROL == {Defect.ASIDE}


def test_pose_is_judged_by_points_only(chip: RGBImage) -> None:
    assert defects(face(points=None), chip, SIZE) == []


def test_a_head_whose_roll_is_not_known_is_of_no_use(chip: RGBImage) -> None:
    lying = face().with_columns(rolls=np.array([np.nan], np.float32))
    assert defects(lying, chip, SIZE) == [Defect.LYING]
    turned = face().with_columns(rolls=np.array([170], np.float32))
    assert defects(turned, chip, SIZE) == []


@pytest.mark.parametrize("shift", [(-31, 0), (36, 0), (0, -41), (0, 21)])
def test_a_point_outside_the_picture(chip: RGBImage, shift: tuple[int, int]) -> None:
    cut = face(points=FRONT + np.array(shift, np.float32))
    assert defects(cut, chip, SIZE) == [Defect.CUT]
    assert defects(cut, chip, Size(1000, 1000)) == ([Defect.CUT] if min(shift) < 0 else [])
