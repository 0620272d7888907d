"""Heads that were made to look aside, as the detector that knows faces sees them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from closeup.datasets.scenes.head_pool import HeadPool
from closeup.datasets.scenes.heads import Photo
from closeup.datasets.scenes.photographed_profiles import eye_widths
from closeup.datasets.scenes.turned_profiles import make_profile
from closeup.detection.yunet import YuNetDetector
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import iou
from closeup.protocols import FaceDetector
from tests.real_photos import astronaut, hopper, read_photo


@pytest.fixture(scope="module")
def photos(teacher: YuNetDetector, shared_data: Path) -> list[Photo]:
    gore = read_photo(shared_data / "lfw" / "images" / "Al_Gore" / "Al_Gore_0001.jpg")
    made = []
    for image in (hopper(), astronaut(), gore):
        faces = teacher.detect(image)
        assert faces.landmarks is not None
        made.append(Photo(image, faces[np.arange(1)]))
    return made


@pytest.mark.parametrize("number", range(3))
def test_a_profile_is_labelled_as_any_other_face(
    number: int, photos: list[Photo], teacher: YuNetDetector
) -> None:
    head = make_profile(photos[number], 0.9, teacher)

    assert head is not None
    assert eye_widths(head.points)[0] < 0.75 * eye_widths(photos[number].points)[0]
    pixels = head.sprite.pixels
    shown = np.pad(pixels[..., :3], ((40, 40), (40, 40), (0, 0)))
    again = teacher.detect(shown)
    assert iou(head.faces.boxes + 40, again.boxes).max() > 0.7
    assert pixels[..., 3].any(axis=0).all()
    assert pixels[..., 3].any(axis=1).all()
    face = head.sprite.face
    np.testing.assert_allclose([face.x1, face.y1, face.x2, face.y2], head.faces.boxes[0])


class SeesMore(FaceDetector):
    """A detector that finds something else besides, less surely."""

    name, reliable_height = "more", 0

    def __init__(self, detector: YuNetDetector) -> None:
        self._detector = detector

    def detect(self, image: RGBImage) -> Faces:
        found = self._detector.detect(image)
        assert found.landmarks is not None
        return Faces(
            np.concatenate([found.boxes, found.boxes + 50]),
            np.concatenate([found.scores, found.scores * 0.9]),
            np.concatenate([found.landmarks, found.landmarks + 50]),
        )


def test_what_is_seen_besides_the_face_does_not_matter(
    photos: list[Photo], teacher: YuNetDetector
) -> None:
    alone, besides = (make_profile(photos[0], 0.9, eyes) for eyes in (teacher, SeesMore(teacher)))
    assert alone is not None
    assert besides is not None
    np.testing.assert_array_equal(besides.faces.boxes, alone.faces.boxes)
    assert besides.faces.boxes.shape == (1, 4)
    assert besides.points.shape == (1, 5, 2)


def test_where_no_face_is_seen_or_it_is_too_small_there_is_none(
    photos: list[Photo], teacher: YuNetDetector
) -> None:
    flat = replace(photos[0], image=np.full_like(photos[0].image, 90))
    assert make_profile(flat, 0.9, teacher) is None
    far = photos[0].points + np.float32(40)
    elsewhere = replace(photos[0], faces=replace(photos[0].faces, landmarks=far))
    assert make_profile(elsewhere, 0.9, teacher) is None
    small = np.array([[200, 100, 212, 116]], np.float32)
    tiny = replace(photos[0], faces=replace(photos[0].faces, boxes=small))
    assert make_profile(tiny, 0.9, teacher) is None


def test_half_of_the_heads_that_look_aside_were_made_so(
    photos: list[Photo], teacher: YuNetDetector
) -> None:
    profile = make_profile(photos[0], 0.9, teacher)
    assert profile is not None
    rng = np.random.default_rng(0)

    def share(pool: HeadPool) -> float:
        return float(np.mean([pool.head(rng) is profile for _ in range(400)]))

    assert 0.2 < share(HeadPool(photos, photos[1:2], 0.5, [profile])) < 0.3
    assert 0.45 < share(HeadPool(photos, [], 0.5, [profile])) < 0.55
    assert share(HeadPool(photos, photos[1:2], 0.0, [profile])) == 0
