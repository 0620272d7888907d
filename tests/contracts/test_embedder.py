"""What every embedder must do with its calibration, on real pictures."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from closeup.detection.hog import HogDetector
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.identity.calibration import calibration_of, load_calibration, save_calibration
from closeup.identity.clustering import cluster_faces
from closeup.identity.description import mirrored_mean
from closeup.identity.gallery import Gallery
from closeup.identity.verification import verify
from closeup.protocols import Embedder
from tests.own_embedders import OwnEmbedders
from tests.real_photos import astronaut, hopper

EMBEDDERS = ("dlib-128", "closeup-128", "sface", "grid")
"""Two with the calibrations that ship, the others with random or known weights and one that
``closeup calibrate identity`` made."""


@pytest.fixture(params=EMBEDDERS)
def embedder(request: pytest.FixtureRequest, own_embedders: OwnEmbedders) -> Embedder:
    return opened(request.param, own_embedders)


@cache
def opened(name: str, own: OwnEmbedders) -> Embedder:
    return own.opened(name)


@cache
def faces_of(photo: Callable[[], RGBImage]) -> Faces:
    return HogDetector().detect(photo())


def chip_of(embedder: Embedder, photo: Callable[[], RGBImage]) -> RGBImage:
    return embedder.chips(photo(), faces_of(photo))[0]


def test_its_calibration_is_its_own(embedder: Embedder) -> None:
    calibration = calibration_of(embedder)
    assert calibration.embedder == embedder.name
    assert calibration.dimensions == embedder.dimensions
    assert calibration.cohort is not None


def described(embedder: Embedder, photos: list[RGBImage]) -> NDArray[np.float32]:
    return mirrored_mean(
        embedder, [embedder.chips(photo, HogDetector().detect(photo))[0] for photo in photos]
    )


def test_people_are_told_apart_by_its_calibration(embedder: Embedder) -> None:
    calibration = calibration_of(embedder)
    darker = np.clip(astronaut() * 0.85 + 5, 0, 255).astype(np.uint8)
    smaller = np.asarray(cv2.resize(hopper(), None, fx=0.8, fy=0.8), np.uint8)
    eileen, grace, eileen_again, grace_again = described(
        embedder, [astronaut(), hopper(), darker, smaller]
    )
    assert verify(eileen, eileen_again, calibration).same
    assert verify(grace, grace_again, calibration).same
    assert not verify(eileen, grace, calibration).same
    gallery = Gallery.of(calibration, {"Eileen": eileen[None], "Grace": grace[None]})
    first, second = gallery.recognise(np.stack([eileen_again, grace_again]), [1.0, 1.0])
    assert (first.best.name, second.best.name) == ("Eileen", "Grace")
    assert min(first.best.confidence, second.best.confidence) > 0.9
    assert not gallery.same_people()
    numbers = cluster_faces(np.stack([eileen, grace, eileen_again, grace_again]), calibration)
    assert numbers.tolist() == [0, 1, 0, 1]


def test_its_numbers_are_in_order(embedder: Embedder) -> None:
    calibration = calibration_of(embedder)
    curve, odds = calibration.false_accepts, calibration.odds
    apart = np.linspace(0, 2, 50, dtype=np.float32)
    assert (np.diff(curve.rate(apart)) >= 0).all()
    for rate in curve.rates:
        assert curve.rate(curve.distance_at(rate)) == pytest.approx(rate)
    for probes in (0.01, 0.5, 1.5, 9.0):
        logits = odds.log_likelihood_ratio(apart, np.full(50, 3), probes)
        assert (np.diff(logits) <= 0).all()
        assert logits[0] > 0 > logits[-1]
    sizes = [calibration.variance.precision(height, 10) for height in (10, 30, 90, 200)]
    assert 0 < sizes[0] <= sizes[1] <= sizes[2] == sizes[3] <= 1
    assert calibration.same_person < curve.distance_at(curve.least)
    assert calibration.split.several <= calibration.split.single


def test_its_calibration_survives_a_file(embedder: Embedder, tmp_path: Path) -> None:
    save_calibration(calibration_of(embedder), tmp_path / "x.calibration.json")
    found = load_calibration(tmp_path / "x.calibration.json")
    assert found.digest == calibration_of(embedder).digest


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


def test_beyond_the_picture_its_border_is_repeated(embedder: Embedder) -> None:
    faces = faces_of(astronaut)
    left = int(faces.boxes[0, 0]) - 5
    cut = np.ascontiguousarray(astronaut()[:, left:])
    there = replace(faces, boxes=faces.boxes - np.array([left, 0, left, 0], np.float32))
    whole, chip = chip_of(embedder, astronaut).astype(int), embedder.chips(cut, there)[0]
    assert np.abs(chip[:, 0].astype(int) - chip[:, 1]).max() < 20
    assert chip[:, :2].any(axis=2).mean() > 0.8  # the portrait itself has black pixels
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
