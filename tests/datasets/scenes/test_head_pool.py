"""Figures from head to foot: who they are, where their faces are, and what covers those."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from closeup.datasets.scenes import arrangements
from closeup.datasets.scenes.head_pool import HeadPool
from closeup.datasets.scenes.heads import HeadOutline, HeadSprite, Photo, cut_head
from closeup.datasets.scenes.turned_profiles import make_profile
from closeup.detection.yunet import YuNetDetector
from closeup.geometry import Size
from closeup.synthesis.figures import Look
from tests.real_photos import hopper

LEFT_EYE, RIGHT_EYE = 0, 1
STAGE = Size(640, 360)


@pytest.fixture(scope="module")
def photo(teacher: YuNetDetector) -> Photo:
    image = hopper()
    faces = teacher.detect(image)[np.array([0])]
    assert faces.landmarks is not None
    return Photo(image, faces)


@pytest.fixture(scope="module")
def profile(photo: Photo, teacher: YuNetDetector) -> HeadSprite:
    head = make_profile(photo, np.radians(60), teacher)
    assert head is not None
    return head


def eyes_apart(head: HeadSprite) -> float:
    """In heights of the face."""
    apart = np.abs(head.points[0, LEFT_EYE, 0] - head.points[0, RIGHT_EYE, 0])
    return float(apart / (head.faces.boxes[0, 3] - head.faces.boxes[0, 1]))


def test_some_figures_look_aside(photo: Photo, profile: HeadSprite) -> None:
    pool = HeadPool([photo], profiles=[profile], share=0.4)
    rng, found = np.random.default_rng(0), []
    for _ in range(60):
        person = pool.figure(rng, Look.FRONT)
        assert person is not None
        found.append(eyes_apart(person))
    aside = np.isclose(found, eyes_apart(profile), rtol=0.1)
    assert 0.2 < aside.mean() < 0.6
    assert np.array(found)[~aside].min() > 1.3 * eyes_apart(profile)


def test_a_figure_has_the_points_where_its_head_has_them(photo: Photo, profile: HeadSprite) -> None:
    alone = cut_head(photo, HeadOutline.SOFT)
    for head, pool in (
        (alone, HeadPool([photo])),
        (profile, HeadPool([photo], profiles=[profile], share=1.0)),
    ):
        person = pool.figure(np.random.default_rng(0), Look.FRONT)
        assert person is not None
        assert within_the_box(person) == pytest.approx(within_the_box(head), abs=0.02)
        face = person.sprite.face
        assert person.faces.boxes[0] == pytest.approx([face.x1, face.y1, face.x2, face.y2])


def within_the_box(head: HeadSprite) -> NDArray[np.float32]:
    """The points in widths and heights of the face's box, from its corner."""
    corner, opposite = head.faces.boxes[0, :2], head.faces.boxes[0, 2:]
    return np.asarray((head.points[0] - corner) / (opposite - corner), np.float32)


@pytest.mark.parametrize("look", [Look.BACK, Look.HAND, Look.HAIR])
def test_a_figure_that_hides_its_face_has_none(
    photo: Photo, profile: HeadSprite, look: Look
) -> None:
    person = HeadPool([photo], profiles=[profile], share=0.5).figure(np.random.default_rng(0), look)
    assert person is not None
    assert person.faces.boxes.shape == (0, 4)
    assert person.points.shape == (0, 5, 2)


def test_things_stand_before_performers_too(photo: Photo, monkeypatch: pytest.MonkeyPatch) -> None:
    pool, shares = HeadPool([photo]), []
    for covered in (0.0, 1.0):
        monkeypatch.setattr(arrangements, "_COVERED", covered)
        points = [
            arrangements.on_stage(STAGE, pool, np.random.default_rng(seed)).labels().points
            for seed in range(30)
        ]
        shares.append(float((np.concatenate(points)[..., 2] == 1).mean()))
    assert shares[1] > shares[0] + 0.1
