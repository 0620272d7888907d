"""Embeddings from ONNX files: what they say of their chips, and what is none."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from closeup.detection.hog import HogDetector
from closeup.errors import ModelCorruptError, ModelError
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.identity.onnx_embedder import OnnxEmbedder, open_onnx_embedder
from closeup.landmarks.alignment import face_chip
from closeup.landmarks.dlib_points import DlibLandmarker
from closeup.landmarks.five_points import five_points
from closeup.landmarks.templates import ARCFACE_POINTS, arcface
from closeup.landmarks.warping import warped
from tests.embedding_networks import DIMENSIONS, grid_network, known_vectors
from tests.real_photos import astronaut, dlib_file
from tests.yolo_files import white_square_yolo


@cache
def landmarker() -> DlibLandmarker:
    return DlibLandmarker(dlib_file("dlib-5-points"))


def opened(said: dict[str, Any] | str | None = None, **shape: Any) -> OnnxEmbedder:
    return open_onnx_embedder(grid_network(said, **shape), "grid", landmarker(), threads=1)


def some_chips(count: int, side: int = 112) -> list[RGBImage]:
    return list(np.random.default_rng(1).integers(0, 256, (count, side, side, 3), np.uint8))


@pytest.mark.parametrize("batch", [None, 1, 3])
def test_distances_are_those_of_the_network(batch: int | None) -> None:
    embedder, chips = opened(batch=batch), some_chips(20)
    vectors = embedder.embed(chips)
    assert embedder.dimensions == DIMENSIONS
    np.testing.assert_allclose(vectors, known_vectors(chips), atol=1e-5)
    one, many = np.linalg.norm(vectors[0] - vectors, axis=1), known_vectors(chips)
    np.testing.assert_allclose(one, np.linalg.norm(many[0] - many, axis=1), atol=1e-5)


def face() -> Faces:
    return HogDetector().detect(astronaut())


def test_the_chip_is_arcfaces_unless_the_file_says_otherwise() -> None:
    (chip,) = opened().chips(astronaut(), face())
    (points,) = five_points(landmarker().find(astronaut(), face()))
    expected = warped(astronaut(), arcface(points), Size(112, 112))
    np.testing.assert_array_equal(chip, expected)


def test_dlibs_template_in_any_size() -> None:
    embedder = opened({"template": "dlib", "size": 112}, side=None)
    (chip,) = embedder.chips(astronaut(), face())
    (points,) = landmarker().find(astronaut(), face())
    np.testing.assert_array_equal(chip, face_chip(astronaut(), points, 112))


def test_a_larger_chip_shows_the_same_part_of_the_picture() -> None:
    small = arcface(ARCFACE_POINTS)
    large = arcface(ARCFACE_POINTS, 224)
    corner = np.array([[-0.5, -0.5], [111.5, 111.5]])
    np.testing.assert_allclose(small.apply(corner), corner, atol=1e-9)
    np.testing.assert_allclose(large.apply(corner), [[-0.5, -0.5], [223.5, 223.5]], atol=1e-9)


def test_channels_means_and_scales() -> None:
    """The network takes the mean of all channels: with one scale it only sees that channel."""
    chips = some_chips(4)
    red = [np.repeat(chip[..., :1], 3, axis=2) for chip in chips]
    first = {"scale": [3 / 127.5, 0, 0], "mean": [127.5, 0, 0]}
    np.testing.assert_allclose(opened(first).embed(chips), known_vectors(red), atol=1e-5)
    last = {"scale": [0, 0, 3 / 127.5], "mean": [0, 0, 127.5], "channels": "bgr"}
    np.testing.assert_allclose(opened(last).embed(chips), known_vectors(red), atol=1e-5)


def test_vectors_may_keep_their_length() -> None:
    chips = some_chips(2)
    raw = opened({"unit_length": False}).embed(chips)
    lengths = np.linalg.norm(raw, axis=1, keepdims=True)
    assert not np.allclose(lengths, 1, atol=0.01)
    np.testing.assert_allclose(raw / lengths, opened().embed(chips), atol=1e-6)


def test_a_chip_that_says_nothing_is_a_vector_of_zeros() -> None:
    blank = np.full((112, 112, 3), 200, np.uint8)
    found = opened({"scale": 1e6}).embed([blank, *some_chips(1)])
    assert np.isfinite(found).all()


@pytest.mark.parametrize(
    "said",
    [
        "rubbish", "[1]", "7", {"template": "eyes"}, {"size": 8}, {"size": "112"}, {"size": True},
        {"channels": "grey"}, {"mean": [1, 2]}, {"mean": "127"}, {"scale": [1, 2, None]},
        {"scale": 1e400}, {"mean": {}}, {"unit_length": 1}, {"colour": "rgb"},
    ],
    ids=str,
)  # fmt: skip
def test_what_a_file_says_must_make_sense(said: dict[str, Any] | str) -> None:
    with pytest.raises(ModelError, match="cannot be followed") as caught:
        opened(said)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("said", "shape"),
    [
        ({"size": 128}, {}),
        ({"size": 64}, {"side": None}),
        (None, {"outputs": 2}),
        (None, {"rank": 3}),
    ],
)
def test_networks_that_do_not_fit(said: dict[str, Any] | None, shape: dict[str, Any]) -> None:
    with pytest.raises(ModelError) as caught:
        opened(said, **shape)
    assert len(str(caught.value).splitlines()) == 1


def test_what_is_no_embedding() -> None:
    with pytest.raises(ModelCorruptError, match="export it again"):
        open_onnx_embedder(b"rubbish", "grid", landmarker())
    with pytest.raises(ModelError, match="a face embedding gives"):
        open_onnx_embedder(white_square_yolo({}), "yolo", landmarker())
