"""Scenes of real photos, as the detector that knows faces sees them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from closeup.datasets.scenes.arrangements import ARRANGEMENTS, Arrangement, nobody, scattered
from closeup.datasets.scenes.backgrounds import draw_background
from closeup.datasets.scenes.bystanders import settle_bystanders
from closeup.datasets.scenes.canvas import Canvas, Content
from closeup.datasets.scenes.composing import compose
from closeup.datasets.scenes.head_pool import HeadPool
from closeup.datasets.scenes.heads import HeadOutline, Photo, cut_head
from closeup.datasets.scenes.painting_over import paint_over
from closeup.datasets.scenes.photography import lit, photographed
from closeup.detection.yunet import YuNetDetector
from closeup.errors import ImageError
from closeup.faces import Faces
from closeup.geometry import Boxes, Size, iou
from tests.real_photos import lfw


@pytest.fixture(scope="module")
def photos(shared_data: Path, teacher: YuNetDetector) -> list[Photo]:
    images = lfw(shared_data, 5)
    found = [faces[faces.scores >= 0.8] for faces in teacher.detect_batch(images)]
    made = []
    for image, faces in zip(images, found, strict=True):
        assert faces.landmarks is not None
        made.append(Photo(image, faces))
    return made


@pytest.fixture(scope="module")
def pool(photos: list[Photo]) -> HeadPool:
    return HeadPool(photos)


@pytest.mark.parametrize("arrangement", [a for a, _ in ARRANGEMENTS], ids=lambda a: a.__name__)
def test_labels_are_in_the_picture(
    arrangement: Arrangement, pool: HeadPool, teacher: YuNetDetector
) -> None:
    faces = 0
    for number in range(3):
        scene = compose(pool, 320, teacher, np.random.default_rng(number), arrangement)
        again = compose(pool, 320, teacher, np.random.default_rng(number), arrangement)
        assert max(scene.image.shape[:2]) == 320
        assert (scene.image == again.image).all()
        assert (scene.labels.points == again.labels.points).all()
        boxes, points = scene.labels.boxes, scene.labels.points
        height, width = scene.image.shape[:2]
        assert (boxes >= -0.5).all()
        assert (boxes <= np.tile([width, height], 2) - 0.5).all()
        assert (boxes[:, 2:] - boxes[:, :2] > 2).all()
        seen = points[points[..., 2] > 0, :2]
        assert (seen >= -0.5).all()
        assert (seen <= np.array([width, height]) - 0.5).all()
        faces += len(boxes)
    assert faces > 0 or arrangement is nobody


def large(boxes: Boxes, size: Size) -> NDArray[np.bool_]:
    """Those that no edge cuts off, of 30 pixels and more."""
    inside = (boxes[:, :2] > 1).all(axis=1) & (boxes[:, 2:] < np.array(size) - 2).all(axis=1)
    return np.asarray(inside & (boxes[:, 3] - boxes[:, 1] > 30))


def test_the_teacher_finds_the_composed_faces(pool: HeadPool, teacher: YuNetDetector) -> None:
    found, upright, away = 0, 0, []
    for number in range(48):
        rng = np.random.default_rng(100 + number)
        canvas = scattered(Size(480, 480), pool, rng)
        labels = canvas.labels()
        eyes = labels.points[:, 1, :2] - labels.points[:, 0, :2]
        level = np.abs(np.arctan2(eyes[:, 1], eyes[:, 0])) < 0.7
        whole = (labels.points[..., 2] == 2).all(axis=1)
        chosen = large(labels.boxes, canvas.size) & whole & level
        faces = teacher.detect(canvas.image)
        assert faces.landmarks is not None
        overlaps = iou(labels.boxes[chosen], faces.boxes)
        upright += int(chosen.sum())
        for label, points in zip(overlaps, labels.points[chosen], strict=True):
            if label.max(initial=0) > 0.5:
                found += 1
                apart = points[:, :2] - faces.landmarks[label.argmax()]
                away.append(apart / np.linalg.norm(points[0, :2] - points[1, :2]))
    assert upright > 60
    assert found >= 0.95 * upright
    distances = np.linalg.norm(away, axis=2).mean(axis=1)
    assert np.median(distances) < 0.12  # what lies beside a face moves the teacher's points
    assert np.abs(np.median(away, axis=(0, 1))).max() < 0.05  # but to no side more than another


def test_backgrounds_hold_no_face(teacher: YuNetDetector) -> None:
    for number in range(30):
        picture = draw_background(np.random.default_rng(number), Size(320, 240))
        assert picture.shape == (240, 320, 3)
        assert picture.dtype == np.uint8
        scores = teacher.detect(picture).scores
        assert scores.max(initial=0) < 0.8


def test_a_face_that_is_painted_over_is_none(photos: list[Photo], teacher: YuNetDetector) -> None:
    left = 0
    for seed in range(8):
        for photo in photos:
            image = photo.image.copy()
            paint_over(image, photo.faces.boxes, np.random.default_rng(seed))
            assert (image[:5] == photo.image[:5]).all()
            left += bool(teacher.detect(image).scores.max(initial=0) >= 0.8)
    assert left <= 0.05 * 8 * len(photos)


@pytest.mark.parametrize("edge", HeadOutline)
def test_the_face_of_a_head_is_that_of_the_photo(edge: HeadOutline, photos: list[Photo]) -> None:
    for photo in photos:
        head = cut_head(photo, edge)
        points = head.points[0]
        x, y = points.round().astype(int).T
        assert (head.sprite.pixels[y, x, 3] > 250).all()
        own = photo.points[0].round().astype(int)
        assert np.abs(
            head.sprite.pixels[y, x, :3].astype(int) - photo.image[own[:, 1], own[:, 0]]
        ).max() <= 2  # fmt: skip


def test_a_tiny_face_cannot_be_cut_out(photos: list[Photo]) -> None:
    photo = photos[0]
    tiny = Photo(
        photo.image,
        replace(photo.faces[np.arange(1)], boxes=np.array([[100, 100, 108, 112]], np.float32)),
    )
    with pytest.raises(ImageError, match="the face is 12 px high"):
        cut_head(tiny, HeadOutline.SOFT)


def faces_at(*boxes: tuple[float, float, float, float], score: float) -> Faces:
    points = np.full((len(boxes), 5, 2), 50, np.float32)
    return Faces(np.array(boxes, np.float32), np.full(len(boxes), score, np.float32), points)


@pytest.mark.parametrize(
    ("content", "score", "labelled", "painted"),
    [
        (Content.PHOTO, 0.9, 1, False),
        (Content.PHOTO, 0.5, 0, True),
        (Content.EMPTIED, 0.9, 0, True),
        (Content.DRAWN, 0.9, 0, False),
    ],
)
def test_bystanders(content: Content, score: float, labelled: int, painted: bool) -> None:
    image = np.random.default_rng(0).integers(0, 255, (120, 120, 3), np.uint8)
    canvas = Canvas(image.copy(), content)
    settle_bystanders(canvas, faces_at((20, 20, 80, 90), score=score), np.random.default_rng(1))
    assert len(canvas.labels()) == labelled
    assert bool((canvas.image != image).any()) == painted


def test_a_composed_face_is_no_bystander(pool: HeadPool) -> None:
    canvas = Canvas(np.zeros((200, 200, 3), np.uint8), Content.PHOTO)
    head = pool.head(np.random.default_rng(0))
    matrix = head.sprite.placed(100, 100, 80)
    canvas.paste(head.sprite, matrix, head.faces, content=Content.PHOTO)
    found = faces_at((75, 70, 130, 135), score=0.95)
    settle_bystanders(canvas, found, np.random.default_rng(1))
    assert len(canvas.labels()) == 1
    assert canvas.labels().boxes[0, 1] == pytest.approx(60, abs=0.5)


def test_no_light_hides_a_face(photos: list[Photo]) -> None:
    photo = photos[0]
    x1, y1, x2, y2 = photo.faces.boxes[0].astype(int)
    for seed in range(30):
        rng = np.random.default_rng(seed)
        picture = photographed(lit(photo.image, photo.faces.boxes, rng), float(y2 - y1), rng)
        assert picture.shape == photo.image.shape
        face = picture[y1:y2, x1:x2].astype(np.float64)
        assert face.mean() > 12
        assert face.std() > 4
