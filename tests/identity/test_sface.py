"""Alignment, input and vectors against OpenCV's own class, on the same random network."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from closeup.detection.yunet import YuNetDetector
from closeup.errors import ModelCorruptError
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.identity.sface import SFaceEmbedder
from closeup.landmarks.dlib_points import DlibLandmarker
from closeup.landmarks.five_points import five_points
from closeup.landmarks.templates import ARCFACE_SIZE, arcface
from closeup.landmarks.warping import warped
from tests.random_sface import random_sface
from tests.real_photos import astronaut, dlib_file, hopper, lfw


@cache
def landmarker() -> DlibLandmarker:
    return DlibLandmarker(dlib_file("dlib-5-points"))


@pytest.fixture(scope="module")
def embedder() -> SFaceEmbedder:
    return SFaceEmbedder(random_sface(), landmarker(), threads=1)


@pytest.fixture(scope="module")
def original() -> Any:
    model = np.frombuffer(random_sface(), np.uint8)
    return cv2.FaceRecognizerSF.create("onnx", model, np.empty(0, np.uint8))


@pytest.fixture(scope="module")
def yunet(shared_models: Path) -> YuNetDetector:
    return YuNetDetector((shared_models / "yunet_n_dynamic.onnx").read_bytes(), threads=1)


def opencv_chip(original: Any, image: RGBImage, faces: Faces) -> Any:
    """What OpenCV makes of the first face, in BGR."""
    assert faces.landmarks is not None
    row = np.hstack([faces.boxes[0], faces.landmarks[0].ravel(), faces.scores[:1]])
    return original.alignCrop(np.ascontiguousarray(image[..., ::-1]), row[None])


def test_chips_are_those_of_opencv(
    embedder: SFaceEmbedder, original: Any, yunet: YuNetDetector, shared_data: Path
) -> None:
    for photo in [astronaut(), *lfw(shared_data, 4)]:
        faces = yunet.detect(photo)
        chip = embedder.chips(photo, faces)[0].astype(int)
        difference = np.abs(chip - opencv_chip(original, photo, faces)[..., ::-1])
        assert difference.mean() < 0.01
        assert difference.max() <= 1


def test_vectors_are_those_of_opencv(
    embedder: SFaceEmbedder, original: Any, yunet: YuNetDetector, shared_data: Path
) -> None:
    photos = [astronaut(), *lfw(shared_data, 2)]
    found = [yunet.detect(photo) for photo in photos]
    chips = [embedder.chips(photo, faces)[0] for photo, faces in zip(photos, found, strict=True)]
    same = [original.feature(np.ascontiguousarray(chip[..., ::-1])) for chip in chips]
    expected = np.concatenate([row / np.linalg.norm(row) for row in same])
    vectors = embedder.embed(chips)
    np.testing.assert_allclose(vectors, expected, atol=1e-5)
    whole = [
        original.feature(opencv_chip(original, photo, faces))
        for photo, faces in zip(photos, found, strict=True)
    ]
    for vector, row in zip(vectors, whole, strict=True):
        assert vector @ row[0] / np.linalg.norm(row) > 0.999
        assert original.match(vector[None], row, cv2.FaceRecognizerSF_FR_COSINE) > 0.999


def test_a_large_face_is_not_sampled_with_gaps(
    embedder: SFaceEmbedder, original: Any, yunet: YuNetDetector
) -> None:
    """OpenCV reads one point in three here; the mean is what a picture of that size shows."""
    photo = hopper()
    large = np.asarray(cv2.resize(photo, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC), np.uint8)
    noise = np.random.default_rng(1).normal(0, 25, large.shape)
    noisy = np.clip(large + noise, 0, 255).astype(np.uint8)
    faces = yunet.detect(photo)
    clean = embedder.chips(photo, faces)[0].astype(int)
    chip = embedder.chips(noisy, faces.scaled(3, 3))[0]
    theirs = opencv_chip(original, noisy, faces.scaled(3, 3))[..., ::-1]
    assert np.abs(chip - clean).mean() < np.abs(theirs - clean).mean() / 2


def test_without_points_of_the_detector_dlibs_are_taken(
    embedder: SFaceEmbedder, yunet: YuNetDetector
) -> None:
    photo = astronaut()
    bare = replace(yunet.detect(photo), landmarks=None)
    (points,) = five_points(landmarker().find(photo, bare))
    expected = warped(photo, arcface(points), ARCFACE_SIZE)
    np.testing.assert_array_equal(embedder.chips(photo, bare)[0], expected)


def test_vectors_are_of_unit_length(embedder: SFaceEmbedder) -> None:
    chips = np.random.default_rng(3).integers(0, 256, (3, 112, 112, 3), np.uint8)
    np.testing.assert_allclose(np.linalg.norm(embedder.embed(list(chips)), axis=1), 1, atol=1e-6)


def test_a_free_batch_gives_the_same(embedder: SFaceEmbedder) -> None:
    free = SFaceEmbedder(random_sface(None), landmarker(), threads=1)
    chips = list(np.random.default_rng(4).integers(0, 256, (37, 112, 112, 3), np.uint8))
    np.testing.assert_allclose(free.embed(chips), embedder.embed(chips), atol=1e-6)


def other_network() -> bytes:
    shape = [1, 3, 64, 64]
    graph = helper.make_graph(
        [helper.make_node("Relu", ["data"], ["fc1"])],
        "other",
        [helper.make_tensor_value_info("data", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("fc1", TensorProto.FLOAT, shape)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    return bytes(model.SerializeToString())


def renamed(name: str) -> bytes:
    model = onnx.load_from_string(random_sface())
    (model.graph.input if name == "data" else model.graph.output)[0].name = "other"
    for node in model.graph.node:
        for names in (node.input, node.output):
            names[:] = ["other" if each == name else each for each in names]
    return bytes(model.SerializeToString())


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (b"rubbish", "closeup models fetch sface"),
        (other_network(), "this network is not sface"),
        (renamed("data"), "this network is not sface"),
        (renamed("fc1"), "this network is not sface"),
    ],
    ids=["rubbish", "size", "input", "output"],
)
def test_another_network_is_refused(model: bytes, reason: str) -> None:
    with pytest.raises(ModelCorruptError, match=reason):
        SFaceEmbedder(model, landmarker())
