from __future__ import annotations

import cv2
import numpy as np
import pytest

from closeup.evaluation.sensitivity import relit
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.identity.defects import UNFIT_TO_ENROL, Defect, defects
from closeup.opening import open_detector, open_embedder
from closeup.progress import Silent
from closeup.settings import Settings
from tests.real_photos import astronaut, hopper

FRONT = np.array([[[30, 40], [70, 40], [50, 60], [35, 80], [65, 80]]], np.float32)
ASIDE = FRONT + np.array([[0, 0], [0, 0], [18, 0], [0, 0], [0, 0]], np.float32)


@pytest.fixture
def chip() -> RGBImage:
    """A pattern with as much detail as a face."""
    noise = np.random.default_rng(0).integers(0, 256, (150, 150, 3), np.uint8)
    soft = cv2.GaussianBlur(noise.astype(np.float32), (0, 0), 2)
    return np.clip(128 + (soft - 128) * 4, 0, 255).astype(np.uint8)


def face(height: float = 80, points: np.ndarray | None = FRONT) -> Faces:
    return Faces(np.array([[0, 0, 60, height]], np.float32), np.ones(1, np.float32), points)


def portrait(photo: RGBImage, settings: Settings) -> tuple[Faces, RGBImage]:
    detector = open_detector("yunet-n", settings=settings, progress=Silent(), threads=1)
    faces = detector.detect(photo)
    (chip,) = open_embedder(settings=settings, threads=1).chips(photo, faces)
    return faces, chip


@pytest.mark.parametrize("photo", [astronaut(), hopper()], ids=["astronaut", "hopper"])
def test_good_portraits_have_none(photo: RGBImage, settings: Settings) -> None:
    assert defects(*portrait(photo, settings)) == []


@pytest.mark.parametrize("photo", [astronaut(), hopper()], ids=["astronaut", "hopper"])
def test_little_light_is_no_defect_as_long_as_the_face_stands_out(
    photo: RGBImage, settings: Settings
) -> None:
    faces, chip = portrait(photo, settings)
    noise = np.random.default_rng(0)
    for light in (1 / 2, 1 / 5, 1 / 10, 1 / 20):
        assert defects(faces, relit(chip, light)) == []
        assert defects(faces, relit(chip, 2 * light, noise)) == []
    assert defects(faces, relit(chip, 1 / 300)) == [Defect.DARK]
    assert defects(faces, relit(chip, 1 / 300, noise)) == [Defect.DARK]


def test_each_one_is_named(chip: RGBImage) -> None:
    blurred = np.asarray(cv2.GaussianBlur(chip, (0, 0), 9), np.uint8)
    assert defects(face(), chip) == []
    assert defects(face(height=20), chip) == [Defect.SMALL]
    assert Defect.BLURRED in defects(face(), blurred)
    assert defects(face(points=ASIDE), chip) == [Defect.ASIDE]
    assert defects(face(), chip // np.uint8(20)) == [Defect.DARK]
    assert defects(face(), 255 - chip // np.uint8(10)) == [Defect.BRIGHT]
    assert defects(face(), 100 + chip // np.uint8(20)) == [Defect.FLAT]


@pytest.mark.parametrize("factor", [1.0, 0.5, 0.25])
def test_light_and_shade_of_skin_do_not_change_the_verdict(chip: RGBImage, factor: float) -> None:
    """The same contrast on dark or light ground, and the same blur in less light."""
    pattern = (chip.astype(np.float64) - chip.mean()) / chip.mean(axis=2).std() * 30 * factor
    for ground in (80 * factor, 120 * factor, 170 * factor):
        own = np.round(pattern + ground).clip(0, 255).astype(np.uint8)
        assert defects(face(), own) == []
        blurred = np.round(cv2.GaussianBlur(pattern, (0, 0), 9) * 3 + ground)
        assert Defect.BLURRED in defects(face(), blurred.clip(0, 255).astype(np.uint8))


@pytest.mark.parametrize(("value", "defect"), [(0, Defect.DARK), (128, Defect.FLAT)])
def test_one_colour_shows_no_face(value: int, defect: Defect) -> None:
    found = defects(face(), np.full((150, 150, 3), value, np.uint8))
    assert found == [Defect.BLURRED, defect]


def test_noise_is_no_contrast() -> None:
    noise = np.random.default_rng(0).normal(40, 12, (150, 150, 1)).clip(0, 255).astype(np.uint8)
    assert defects(face(), noise.repeat(3, axis=2)) == [Defect.DARK]


def test_a_face_turned_aside_may_still_be_enrolled() -> None:
    assert Defect.ASIDE not in UNFIT_TO_ENROL
    assert set(Defect) - UNFIT_TO_ENROL == {Defect.ASIDE}


def test_pose_is_judged_by_points_only(chip: RGBImage) -> None:
    assert defects(face(points=None), chip) == []
