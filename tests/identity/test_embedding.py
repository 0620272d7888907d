from pathlib import Path
from typing import Any

import dlib
import numpy as np
import pytest

from closeup.detection.hog import HogDetector
from closeup.detection.yunet import YuNetDetector
from closeup.faces import Faces
from closeup.identity.embedding import DlibEmbedder
from closeup.landmarks.dlib_points import DlibLandmarker
from closeup.models.dlib_weights import read_network
from closeup.protocols import Embedder
from tests.real_photos import astronaut, dlib_file, hopper, lfw, read_photo


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    network = read_network(dlib_file("dlib-128").read_bytes(), "dlib-128")
    return DlibEmbedder(network, DlibLandmarker(dlib_file("dlib-5-points")), threads=2)


@pytest.fixture(scope="module")
def original() -> Any:
    return dlib.face_recognition_model_v1(str(dlib_file("dlib-128")))


def test_vectors_are_those_of_dlib(embedder: Embedder, original: Any, shared_data: Path) -> None:
    chips = []
    for photo in [astronaut(), hopper(), *lfw(shared_data, 3)]:
        chips += embedder.chips(photo, HogDetector().detect(photo))
    expected = [np.array(original.compute_face_descriptor(chip)) for chip in chips]
    assert len(chips) >= 5
    np.testing.assert_allclose(embedder.embed(chips), expected, atol=1e-5)


def test_extreme_chips_are_those_of_dlib(embedder: Embedder, original: Any) -> None:
    noise = np.random.default_rng(2).integers(0, 256, (150, 150, 3), np.uint8)
    chips = [np.zeros_like(noise), np.full_like(noise, 255), noise]
    expected = [np.array(original.compute_face_descriptor(chip)) for chip in chips]
    np.testing.assert_allclose(embedder.embed(chips), expected, atol=1e-5)


def test_the_whole_way_is_that_of_dlib(embedder: Embedder, original: Any) -> None:
    photo = astronaut()
    rectangle = dlib.get_frontal_face_detector()(photo)[0]
    shape = dlib.shape_predictor(str(dlib_file("dlib-5-points")))(photo, rectangle)
    expected = np.array(original.compute_face_descriptor(photo, shape))
    vectors = embedder.embed(embedder.chips(photo, HogDetector().detect(photo)))
    np.testing.assert_allclose(vectors, expected[None], atol=1e-5)


def test_batches_give_what_single_chips_give(embedder: Embedder) -> None:
    chips = list(np.random.default_rng(3).integers(0, 256, (19, 150, 150, 3), np.uint8))
    together = embedder.embed(chips)
    assert together.shape == (19, embedder.dimensions)
    assert together.dtype == np.float32
    alone = np.concatenate([embedder.embed([chip]) for chip in chips])
    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_nothing_gives_nothing(embedder: Embedder) -> None:
    assert embedder.chips(astronaut(), Faces.none()) == []
    assert embedder.embed([]).shape == (0, 128)


def test_one_person_is_near_and_others_are_far(
    embedder: Embedder, shared_data: Path, shared_models: Path
) -> None:
    """Whatever the detector: vectors of its boxes meet in the same place."""
    yunet = YuNetDetector((shared_models / "yunet_n_dynamic.onnx").read_bytes(), threads=2)
    folder = shared_data / "lfw" / "images" / "Angelina_Jolie"
    actress = [read_photo(folder / f"Angelina_Jolie_{i:04d}.jpg") for i in (1, 2)]
    photos = [astronaut(), hopper(), *actress]
    people = np.array([0, 1, 2, 2] * 2)
    vectors = np.concatenate(
        [
            embedder.embed(embedder.chips(photo, detector.detect(photo))[:1])
            for detector in (yunet, HogDetector())
            for photo in photos
        ]
    )
    distances = np.linalg.norm(vectors[:, None] - vectors[None], axis=2)
    same = people[:, None] == people[None]
    assert distances[same].max() < 0.6 < distances[~same].min()
