"""Which faces are upright, judged from pictures at hand."""

from __future__ import annotations

import numpy as np
import pytest

from closeup.faces import Faces
from closeup.fancam.better_rotation import FaceShare, UprightFaces
from closeup.frames import RGBImage
from closeup.protocols import FaceDetector
from closeup.settings import Settings
from tests.kept_models import kept
from tests.real_photos import astronaut, hopper


@pytest.fixture(params=["yunet-n", "closeup"])
def detector(request: pytest.FixtureRequest, settings: Settings) -> FaceDetector:
    return kept(settings).detector(request.param)


def checked(detector: FaceDetector, *pictures: RGBImage) -> UprightFaces:
    upright = UprightFaces(detector)
    for picture in pictures:
        upright.add(picture, detector.detect(picture))
    return upright


def test_two_upright_faces_are_certain(detector: FaceDetector) -> None:
    assert not checked(detector, astronaut()).certain
    assert checked(detector, astronaut(), hopper()).certain


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_lying_face_is_never_upright(detector: FaceDetector, quarters: int) -> None:
    pictures = [np.ascontiguousarray(np.rot90(p, quarters)) for p in (astronaut(), hopper())]
    assert not checked(detector, *pictures, *pictures).certain


def test_a_face_at_the_edge_is_checked(detector: FaceDetector) -> None:
    x1, y1, x2, y2 = detector.detect(hopper()).boxes[0].astype(int)
    corner = np.ascontiguousarray(hopper()[max(0, y1) : y2 + 40, max(0, x1) : x2 + 40])
    assert checked(detector, corner, corner).certain


def test_pictures_without_faces_tell_nothing(detector: FaceDetector) -> None:
    flat = np.zeros((90, 160, 3), np.uint8)
    assert not checked(detector, flat, flat).certain


def test_faces_are_rare_below_one_picture_in_twenty() -> None:
    share = FaceShare()
    face = Faces(np.array([[0, 0, 9, 9]], np.float32), np.ones(1, np.float32))
    share.add(face)
    for _ in range(19):
        share.add(Faces.none())
    assert not share.rare
    share.add(Faces.none())
    assert share.rare
    assert share.doubtful
