from __future__ import annotations

import numpy as np
import pytest

from closeup.detection.hog import HogDetector
from closeup.evaluation.face_recall import face_recall
from closeup.labels import PictureLabels
from tests.real_photos import astronaut


def test_a_detector_finds_its_own_faces_and_no_more() -> None:
    image = astronaut()
    detector = HogDetector()
    faces = detector.detect(image)
    other = PictureLabels.of(np.concatenate([faces.boxes, [[10, 400, 40, 430]]]))
    noise = np.random.default_rng(0).integers(0, 255, image.shape, np.uint8)

    own = face_recall(detector, [(image, PictureLabels.of(faces.boxes))])
    half = face_recall(detector, iter([(image, other), (noise, PictureLabels.none())]))

    assert own.detector == detector.name
    assert own.result.recall == 1
    assert half.pictures == 2
    assert half.result.recall == len(faces) / (len(faces) + 1)
    assert sum(row.there for row in half.heights) == len(faces) + 1
    assert [row.found for row in half.heights if row.least <= 30 < row.below] == [0]


def test_there_must_be_a_face() -> None:
    with pytest.raises(ValueError, match="at least one true box"):
        face_recall(HogDetector(), [(astronaut(), PictureLabels.none())])
