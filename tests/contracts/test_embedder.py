"""What every embedder must do, on real pictures."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from closeup.detection.hog import HogDetector
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.identity.embedding import DlibEmbedder
from closeup.identity.sface import SFaceEmbedder
from closeup.landmarks.dlib_points import DlibLandmarker
from closeup.models.dlib_weights import read_network
from closeup.opening import EMBEDDERS
from closeup.protocols import Embedder
from tests.random_sface import random_sface
from tests.real_photos import astronaut, dlib_file, hopper


@cache
def opened(name: str) -> Embedder:
    landmarker = DlibLandmarker(dlib_file("dlib-5-points"))
    match name:
        case "dlib-128":
            network = read_network(dlib_file("dlib-128").read_bytes(), "dlib-128")
            return DlibEmbedder(network, landmarker, threads=1)
        case _:
            return SFaceEmbedder(random_sface(), landmarker, threads=1)


@pytest.fixture(params=EMBEDDERS)
def embedder(request: pytest.FixtureRequest) -> Embedder:
    return opened(request.param)


@cache
def faces_of(photo: Callable[[], RGBImage]) -> Faces:
    return HogDetector().detect(photo())


def chip_of(embedder: Embedder, photo: Callable[[], RGBImage]) -> RGBImage:
    return embedder.chips(photo(), faces_of(photo))[0]


def test_its_name_is_known(embedder: Embedder) -> None:
    assert embedder.name in EMBEDDERS


def test_chips_are_pictures_of_one_size(embedder: Embedder) -> None:
    shapes = {chip_of(embedder, photo).shape for photo in (astronaut, hopper)}
    assert len(shapes) == 1
    (height, width, channels) = shapes.pop()
    assert height == width
    assert channels == 3
    assert chip_of(embedder, hopper).dtype == np.uint8


def test_vectors_have_the_stated_length(embedder: Embedder) -> None:
    vectors = embedder.embed([chip_of(embedder, astronaut), chip_of(embedder, hopper)])
    assert vectors.shape == (2, embedder.dimensions)
    assert vectors.dtype == np.float32
    assert np.isfinite(vectors).all()
    assert not np.allclose(vectors[0], vectors[1], atol=0.01)


def test_a_batch_gives_what_single_chips_give(embedder: Embedder) -> None:
    side = chip_of(embedder, hopper).shape[0]
    chips = list(np.random.default_rng(3).integers(0, 256, (19, side, side, 3), np.uint8))
    alone = np.concatenate([embedder.embed([chip]) for chip in chips])
    np.testing.assert_allclose(embedder.embed(chips), alone, atol=1e-6)


def test_nothing_gives_nothing(embedder: Embedder) -> None:
    assert embedder.chips(astronaut(), Faces.none()) == []
    none = embedder.embed([])
    assert none.shape == (0, embedder.dimensions)
    assert none.dtype == np.float32


def test_every_face_has_its_chip(embedder: Embedder) -> None:
    faces = faces_of(astronaut)
    aside = faces.boxes + np.float32(40)
    two = Faces(np.concatenate([faces.boxes, aside]), np.ones(2, np.float32))
    first, second = embedder.chips(astronaut(), two)
    np.testing.assert_array_equal(first, chip_of(embedder, astronaut))
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("value", [0, 255])
def test_empty_chips_have_vectors_too(embedder: Embedder, value: int) -> None:
    chip = np.full_like(chip_of(embedder, hopper), value)
    assert np.isfinite(embedder.embed([chip])).all()


def test_a_face_at_the_border_is_filled_with_black(embedder: Embedder) -> None:
    faces = faces_of(astronaut)
    left = int(faces.boxes[0, 0]) - 5
    cut = np.ascontiguousarray(astronaut()[:, left:])
    there = replace(faces, boxes=faces.boxes - np.array([left, 0, left, 0], np.float32))
    whole, chip = chip_of(embedder, astronaut).astype(int), embedder.chips(cut, there)[0]
    assert not chip[:, :2].any()
    middle = chip.shape[0] // 2
    assert np.abs(chip - whole)[:, middle:].mean() < 20  # the points are found a little aside
    assert np.isfinite(embedder.embed([chip])).all()


@pytest.mark.parametrize(
    "box", [(-90, -90, 20, 20), (450, 460, 700, 710), (-3000, -3000, -2900, -2900)]
)
def test_a_face_may_leave_the_picture(embedder: Embedder, box: tuple[int, ...]) -> None:
    faces = Faces(np.array([box], np.float32), np.ones(1, np.float32))
    chips = embedder.chips(astronaut(), faces)
    assert chips[0].shape == chip_of(embedder, astronaut).shape


def test_the_chip_moves_with_the_picture(embedder: Embedder) -> None:
    faces = faces_of(hopper)
    height, width = hopper().shape[:2]
    large = np.zeros((height + 700, width + 900, 3), np.uint8)
    large[600 : 600 + height, 800 : 800 + width] = hopper()
    there = replace(faces, boxes=faces.boxes + np.array([800, 600, 800, 600], np.float32))
    chip = embedder.chips(large, there)[0].astype(int)
    assert np.abs(chip - chip_of(embedder, hopper)).max() <= 2


def test_a_mirrored_chip_is_a_view_with_a_vector_of_its_own(embedder: Embedder) -> None:
    chip = chip_of(embedder, hopper)
    mirrored = chip[:, ::-1]
    of_view, of_copy, straight = embedder.embed([mirrored, mirrored.copy(), chip])
    np.testing.assert_allclose(of_view, of_copy, atol=1e-6)
    assert not np.allclose(of_view, straight, atol=1e-3)


def test_pictures_are_only_read(embedder: Embedder) -> None:
    image = hopper()
    image.flags.writeable = False
    chips = embedder.chips(image, faces_of(hopper))
    chips[0].flags.writeable = False
    assert len(embedder.embed(chips)) == 1
    np.testing.assert_array_equal(image, hopper())


def test_two_threads_give_what_one_does(embedder: Embedder) -> None:
    photos = [astronaut, hopper] * 4

    def vector(photo: Callable[[], RGBImage]) -> NDArray[np.float32]:
        return embedder.embed(embedder.chips(photo(), faces_of(photo)))

    expected = [vector(photo) for photo in photos]
    with ThreadPoolExecutor(2) as pool:
        np.testing.assert_allclose(list(pool.map(vector, photos)), expected, atol=1e-6)
