from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st
from PIL import Image

from closeup.errors import ImageError
from closeup.evaluation.photo_vectors import PhotoEmbedder, nearest_the_middle, presumed_face
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import Size, iou
from closeup.identity.description import mirrored_mean
from closeup.media.images import read_image
from closeup.progress import Silent
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
        found = nearest_the_middle(reader.detector.detect(image), size)
        presumed = presumed_face(size)
        assert iou(found.squares(), presumed.squares())[0, 0] > 0.7
        assert found.landmarks is not None
        assert presumed.landmarks is not None
        assert np.abs(found.landmarks - presumed.landmarks).max() < 20


SIZE = Size(250, 250)


class Counting(Silent):
    def __init__(self) -> None:
        self.begun: list[tuple[str, int | None]] = []
        self.done = 0

    def begin(self, stage: str, total: int | None) -> None:
        self.begun.append((stage, total))

    def advance(self, frames: int = 1) -> None:
        self.done += frames


@pytest.fixture(scope="module")
def paths(lfw: Path) -> list[Path]:
    """More than one batch, the last one not full."""
    return sorted((lfw / "images").glob("A*/*_0001.jpg"))[:37]


def test_the_vectors_are_those_of_the_library_one_by_one(
    reader: PhotoEmbedder, paths: list[Path]
) -> None:
    progress = Counting()
    vectors = reader.read(paths, progress, "reading")
    assert progress.begun == [("reading", 37)]
    assert progress.done == 37
    assert vectors.found.all()
    for i in (0, 15, 16, 36):
        image = read_image(paths[i])
        face = nearest_the_middle(reader.detector.detect(image), SIZE)
        chips = reader.embedder.chips(image, face)
        np.testing.assert_allclose(vectors.plain[i], reader.embedder.embed(chips)[0], atol=1e-5)
        expected = mirrored_mean(reader.embedder, chips)[0]
        np.testing.assert_allclose(vectors.joined()[i], expected, atol=1e-5)
        assert vectors.heights[i] == face.boxes[0, 3] - face.boxes[0, 1]


def test_without_mirror_images(reader: PhotoEmbedder, paths: list[Path]) -> None:
    plain = PhotoEmbedder(reader.detector, reader.embedder, mirrored=False)
    vectors = plain.read(paths[:3], Silent())
    assert vectors.mirror is None
    assert vectors.joined() is vectors.plain
    with_mirror = reader.read(paths[:3], Silent())
    np.testing.assert_allclose(vectors.plain, with_mirror.plain, atol=1e-5)


def test_a_photo_without_a_face_still_has_a_vector(
    reader: PhotoEmbedder, paths: list[Path], tmp_path: Path
) -> None:
    path = tmp_path / "grey.png"
    Image.new("RGB", SIZE, (90, 90, 90)).save(path)
    vectors = reader.read([paths[0], path], Silent())
    assert vectors.found.tolist() == [True, False]
    assert vectors.missed == 1
    grey = read_image(path)
    expected = reader.embedder.embed(reader.embedder.chips(grey, presumed_face(SIZE)))[0]
    np.testing.assert_allclose(vectors.plain[1], expected, atol=1e-5)


def test_changes_know_which_photo_they_get(reader: PhotoEmbedder, paths: list[Path]) -> None:
    seen: dict[int, RGBImage] = {}

    def change(image: RGBImage, index: int) -> RGBImage:
        seen[index] = image
        return np.zeros_like(image)

    vectors = reader.read(paths[:20], Silent(), change=change)
    assert sorted(seen) == list(range(20))
    np.testing.assert_array_equal(seen[17], read_image(paths[17]))
    assert vectors.missed == 20


def test_a_damaged_photo_is_never_left_out(
    reader: PhotoEmbedder, paths: list[Path], tmp_path: Path
) -> None:
    path = tmp_path / "damaged.jpg"
    path.write_bytes(paths[0].read_bytes()[:200])
    with pytest.raises(ImageError, match=r"damaged\.jpg"):
        reader.read([paths[0], path], Silent())
