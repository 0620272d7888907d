"""Faces that look aside, in real photos of which they are not the subject."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from closeup.datasets.scenes.head_pool import HeadPool
from closeup.datasets.scenes.heads import HeadOutline, Photo, cut_head
from closeup.datasets.scenes.photographed_profiles import eye_widths, turned_faces
from closeup.detection.yunet import YuNetDetector
from closeup.faces import Faces
from closeup.geometry import iou
from tests.real_photos import hopper, read_photo


def found(name: str, teacher: YuNetDetector, shared_data: Path) -> list[Photo]:
    photo = shared_data / "lfw" / "images" / name.rpartition("_")[0] / f"{name}.jpg"
    image = read_photo(photo)
    return turned_faces(image, teacher.detect(image), teacher)


@pytest.mark.parametrize("name", ["Amanda_Marsh_0001", "Abdullah_Gul_0016", "Allan_Houston_0001"])
def test_a_profile_is_cut_out_with_its_surroundings(
    name: str, teacher: YuNetDetector, shared_data: Path
) -> None:
    (photo,) = found(name, teacher, shared_data)
    x1, y1, x2, y2 = photo.faces.boxes[0]
    height, width = photo.image.shape[:2]
    assert 0 < x1 < x2 < width
    assert 0 < y1 < y2 < height
    assert eye_widths(photo.points)[0] < 0.5
    again = teacher.detect(photo.image)
    assert iou(photo.faces.boxes, again.boxes).max() > 0.7
    oval = cut_head(photo, HeadOutline.OVAL)
    assert (oval.sprite.pixels[0, 0] == 0).all()


@pytest.mark.parametrize("name", ["Aaron_Eckhart_0001", "Al_Gore_0007", "Angela_Bassett_0006"])
def test_who_looks_here_or_is_cut_off_is_left_out(
    name: str, teacher: YuNetDetector, shared_data: Path
) -> None:
    assert not [
        photo for photo in found(name, teacher, shared_data) if photo.faces.boxes[0, 0] <= 2
    ]  # the second and third show half of somebody at the edge


def test_whoever_stands_beside_them_is_known_too(teacher: YuNetDetector, shared_data: Path) -> None:
    (photo,) = found("Abdullah_Gul_0016", teacher, shared_data)
    assert len(photo.faces) == len(photo.points) == 3
    frame = cut_head(photo, HeadOutline.FRAME)
    again = teacher.detect(photo.image)
    assert (iou(frame.faces.boxes, again.boxes).max(axis=1) > 0.6).all()
    assert len(cut_head(photo, HeadOutline.OVAL).faces) == 1


def test_a_face_that_its_mirror_denies_is_none(teacher: YuNetDetector) -> None:
    image = hopper()
    points = np.array([[[60, 60], [63, 60], [62, 70], [60, 80], [63, 80]]], np.float32)
    invented = Faces(np.array([[40, 40, 80, 90]], np.float32), np.ones(1, np.float32), points)
    assert turned_faces(image, invented, teacher) == []
    assert turned_faces(image, Faces.none(), teacher) == []


def test_eyes_of_somebody_who_looks_here_are_as_far_apart_as_the_mouth_is_below() -> None:
    front = np.array([[0, 0], [10, 0], [5, 5], [1, 10], [9, 10]], np.float32)
    aside = front * np.array([0.3, 1], np.float32)
    np.testing.assert_allclose(eye_widths(np.stack([front, aside])), [1, 0.3], atol=1e-6)


def test_a_share_of_the_heads_looks_aside(teacher: YuNetDetector, shared_data: Path) -> None:
    turned = found("Amanda_Marsh_0001", teacher, shared_data)
    image = hopper()
    faces = teacher.detect(image)[np.array([0])]
    assert faces.landmarks is not None
    front = [Photo(image, faces)]
    rng = np.random.default_rng(0)
    pool = HeadPool(front, turned, 0.25)
    aside = [eye_widths(pool.head(rng).points)[0] < 0.5 for _ in range(400)]
    assert 0.2 < np.mean(aside) < 0.3
    alone = HeadPool(front, [], 0.25)
    assert not any(eye_widths(alone.head(rng).points)[0] < 0.5 for _ in range(20))


def test_whole_photos_are_often_of_several_people(
    teacher: YuNetDetector, shared_data: Path
) -> None:
    image = hopper()
    faces = teacher.detect(image)[np.array([0])]
    (together,) = found("Abdullah_Gul_0016", teacher, shared_data)
    assert faces.landmarks is not None
    alone = Photo(image, faces)
    rng = np.random.default_rng(0)
    pool = HeadPool([alone] * 19 + [together])
    several = [len(pool.frame(rng).faces) > 1 for _ in range(400)]
    assert 0.35 < np.mean(several) < 0.5
    aside = HeadPool([alone] * 20, [together], 0.25)
    assert 0.15 < np.mean([len(aside.frame(rng).faces) > 1 for _ in range(400)]) < 0.25
