from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from closeup.evaluation.central_face import nearest_the_middle, presumed_face
from closeup.evaluation.photo_vectors import PhotoEmbedder
from closeup.faces import Faces
from closeup.geometry import Size, iou
from tests.real_photos import lfw as photos


def test_the_face_in_the_middle_not_the_surest() -> None:
    boxes = np.array([[0, 0, 50, 60], [90, 80, 150, 160], [200, 100, 249, 150]], np.float32)
    faces = Faces(boxes, np.array([0.9, 0.7, 0.8], np.float32))
    assert nearest_the_middle(faces, Size(250, 250)).boxes.tolist() == [[90, 80, 150, 160]]
    assert nearest_the_middle(faces, Size(20, 20)).scores.tolist() == [np.float32(0.9)]


def test_none_stays_none() -> None:
    assert not len(nearest_the_middle(Faces.none(), Size(250, 250)))


@given(st.integers(1, 2000), st.integers(1, 2000))
def test_the_presumed_face_is_in_the_picture(width: int, height: int) -> None:
    face = presumed_face(Size(width, height))
    assert len(face) == 1
    assert face.landmarks is not None
    inside = np.concatenate([face.boxes.reshape(2, 2), face.landmarks[0]])
    assert (inside >= -0.5).all()
    assert (inside <= np.array([width, height]) - 0.5).all()


def test_the_presumed_face_is_where_faces_are(reader: PhotoEmbedder, shared_data: Path) -> None:
    for image in photos(shared_data, 5):
        size = Size.of(image)
        found = nearest_the_middle(reader.detector.detect([image])[0], size)
        presumed = presumed_face(size)
        assert iou(found.squares(), presumed.squares())[0, 0] > 0.7
        assert found.landmarks is not None
        assert presumed.landmarks is not None
        assert np.abs(found.landmarks - presumed.landmarks).max() < 20
