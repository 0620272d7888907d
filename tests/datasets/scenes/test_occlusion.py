"""What stands in front of faces, measured by how much of a face it leaves."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from closeup.datasets.scenes.arrangements import paste_head
from closeup.datasets.scenes.canvas import LEAST_SEEN, Canvas
from closeup.datasets.scenes.distractors import CLOTH_EDGE, SIDE, cloth_of, draw_cloth
from closeup.datasets.scenes.head_pool import HeadPool
from closeup.datasets.scenes.heads import Photo
from closeup.datasets.scenes.occlusion import cover
from closeup.detection.yunet import YuNetDetector
from tests.real_photos import hopper

PLACE, HEIGHT = (120.0, 110.0), 90.0


@pytest.fixture(scope="module")
def pool(teacher: YuNetDetector) -> HeadPool:
    image = hopper()
    faces = teacher.detect(image)[np.array([0])]
    assert faces.landmarks is not None
    return HeadPool([Photo(image, faces)])


def shown(pool: HeadPool, seed: int) -> tuple[Canvas, Canvas]:
    """A head alone, and the same with something in front of it."""
    pair = []
    for covered in (False, True):
        canvas = Canvas(np.full((240, 240, 3), 90, np.uint8))
        assert paste_head(canvas, pool.head(np.random.default_rng(seed)), PLACE, HEIGHT, rng(seed))
        if covered:
            cover(canvas, pool, PLACE, HEIGHT, rng(seed))
        pair.append(canvas)
    return pair[0], pair[1]


def rng(seed: int) -> np.random.Generator:
    return np.random.default_rng((seed, 1))


def hidden_share(bare: Canvas, covered: Canvas) -> float:
    """Of the pixels inside the face's ellipse, those that changed."""
    x1, y1, x2, y2 = bare.labels().boxes[0].tolist()
    inside = np.zeros(bare.image.shape[:2], np.uint8)
    middle, axes = ((x1 + x2) / 2, (y1 + y2) / 2), (x2 - x1, y2 - y1)
    cv2.ellipse(inside, (middle, axes, 0), 1, -1)
    changed = (bare.image != covered.image).any(axis=2)
    return float(changed[inside > 0].mean())


def test_covers_hide_from_nothing_to_more_than_half_but_the_label_stays(pool: HeadPool) -> None:
    shares = []
    for seed in range(120):
        bare, covered = shown(pool, seed)
        if len(covered.labels()):  # else nothing of it is left to find
            assert (covered.labels().boxes == bare.labels().boxes).all()
            shares.append(hidden_share(bare, covered))
    assert len(shares) > 90
    assert max(shares) < 1 - LEAST_SEEN + 0.15  # soft edges reach further
    assert np.mean(np.array(shares) > 0.3) > 0.15
    assert np.mean(np.array(shares) < 0.1) > 0.15


@pytest.mark.parametrize("of_photo", [False, True])
def test_the_edge_of_a_cloth_is_where_it_says(of_photo: bool) -> None:
    picture = np.full((SIDE, SIDE, 3), 200, np.uint8)
    edges = []
    for seed in range(60):
        chance = np.random.default_rng(seed)
        cloth = cloth_of(picture, chance) if of_photo else draw_cloth(chance)
        alpha = cloth.pixels[..., 3]
        assert (alpha[-1] > 200).mean() > 0.9
        edges.append(np.argmax(alpha[:, SIDE // 2] > 127))
    assert np.mean(edges) == pytest.approx(SIDE * (0.5 - CLOTH_EDGE), abs=4)
    assert np.std(edges) > 2


def test_a_cloth_of_a_picture_shows_it() -> None:
    picture = np.zeros((SIDE, SIDE, 3), np.uint8)
    picture[:, SIDE // 2 :] = 200
    pixels = cloth_of(picture, np.random.default_rng(0)).pixels
    assert pixels[-1, 4, :3].max() == 0
    assert pixels[-1, -4, :3].min() > 60
