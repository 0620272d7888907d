"""A network of two convolutions is written here; the real one is tested where it finds faces."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.detection.blazeface import BlazeFaceDetector, blazeface_detector
from closeup.detection.yunet import yunet_detector
from closeup.errors import ModelCorruptError
from closeup.frames import RGBImage
from closeup.geometry import iou
from closeup.models.catalog import find
from closeup.models.tflite import Operator
from tests.real_photos import astronaut, hopper, lfw, stage
from tests.tflite_files import Options, TFLiteFile

PLACE = np.array([1, 2, 20, 24, -5, -4, 5, -6, 0, 1, 2, 6, -9, 0, 9, 0], np.float32)
"""What the network written here gives for every white cell, in pixels from its middle."""


@cache
def white_cells(height: int = 24) -> bytes:
    """A file that takes every white cell of 4x4 pixels for a face of that height."""
    place = PLACE.copy()
    place[3] = height
    file = TFLiteFile()
    picture = file.variable(1, 192, 192, 3)
    outputs = []
    for values, bias in (
        (np.zeros((16, 4, 4, 3), np.float32), place),
        (np.full((1, 4, 4, 3), 1 / 8, np.float32), np.array([-3], np.float32)),
    ):
        grid = file.variable(1, 48, 48, len(bias))
        options: Options = {0: ("byte", 1), 1: ("int", 4), 2: ("int", 4)}
        weights = [picture, file.constant(values), file.constant(bias)]
        file.node(Operator.CONV_2D, weights, grid, options)
        rows = file.variable(1, 48 * 48, len(bias))
        outputs.append(file.node(Operator.RESHAPE, [grid], rows, {}))
    return file.written([picture], outputs)


@cache
def opened() -> BlazeFaceDetector:
    return BlazeFaceDetector(white_cells(), threads=1)


def with_cells(width: int, height: int, *cells: tuple[int, int], brightness: int = 255) -> RGBImage:
    image = np.full((height, width, 3), 90, np.uint8)
    for column, row in cells:
        image[4 * row : 4 * row + 4, 4 * column : 4 * column + 4] = brightness
    return image


@given(st.integers(60, 200), st.integers(60, 200), st.integers(4, 9), st.integers(4, 9))
def test_a_cell_becomes_a_face_in_a_picture_of_any_size(
    width: int, height: int, column: int, row: int
) -> None:
    faces = opened().detect(with_cells(width, height, (column, row)))
    x, y = 4 * column + 1.5, 4 * row + 1.5
    np.testing.assert_allclose(faces.boxes, [[x - 9, y - 10, x + 11, y + 14]])
    np.testing.assert_allclose(faces.scores, 1 / (1 + np.exp(-3)), rtol=1e-5)
    assert faces.landmarks is not None
    # The mouth is as wide as four fifths of the distance between the eyes, and parallel.
    expected = [(-5, -4), (5, -6), (0, 1), (2 - 4, 6 + 0.8), (2 + 4, 6 - 0.8)]
    np.testing.assert_allclose(faces.landmarks[0] - np.array([x, y]), expected, atol=1e-4)


def test_of_boxes_that_overlap_one_stays() -> None:
    image = with_cells(160, 160, (8, 8), (9, 8), (25, 25))
    assert len(opened().detect(image)) == 2


def test_small_boxes_and_low_scores_are_dropped() -> None:
    image = with_cells(160, 160, (8, 8))
    assert len(BlazeFaceDetector(white_cells(), least_height=24, threads=1).detect(image)) == 1
    assert len(BlazeFaceDetector(white_cells(), least_height=24.5, threads=1).detect(image)) == 0
    assert len(BlazeFaceDetector(white_cells(), score_threshold=0.96, threads=1).detect(image)) == 0


def test_what_is_no_network() -> None:
    with pytest.raises(ModelCorruptError, match="closeup models fetch blazeface"):
        BlazeFaceDetector(b"rubbish")


@pytest.fixture(scope="module")
def real(all_models: Path) -> bytes:
    return (all_models / find("blazeface").file).read_bytes()


def test_points_are_those_that_yunet_finds(
    real: bytes, shared_data: Path, shared_models: Path
) -> None:
    own = blazeface_detector(real, threads=1)
    yunet = yunet_detector((shared_models / find("yunet-n").file).read_bytes(), "yunet-n")
    for photo in [astronaut(), hopper(), *lfw(shared_data, 5)]:
        expected, found = yunet.detect(photo)[np.array([0])], own.detect(photo)
        (row,) = np.flatnonzero(iou(found.boxes, expected.boxes)[:, 0] > 0.4)
        assert found.landmarks is not None
        assert expected.landmarks is not None
        points = expected.landmarks[0]
        distance = np.linalg.norm(points[1] - points[0])
        assert np.linalg.norm(found.landmarks[row] - points, axis=1).max() < 0.3 * distance


def test_small_faces_of_a_stage(real: bytes, shared_data: Path, shared_models: Path) -> None:
    """Four of the five that YuNet-n finds, and nothing else: one is half behind another head."""
    concert = stage(shared_data)
    yunet = yunet_detector((shared_models / find("yunet-n").file).read_bytes(), "yunet-n")
    found = blazeface_detector(real, threads=1).detect(concert)
    same = iou(found.boxes, yunet.detect(concert).boxes) > 0.3
    assert same.any(axis=0).sum() >= 4
    assert same.any(axis=1).all()


def test_small_boxes_need_a_higher_score() -> None:
    image = with_cells(160, 160, (8, 8), brightness=193)
    (score,) = opened().detect(image).scores
    assert 0.45 < score < 0.6, "a box of 24 pixels is not small"
    smaller = BlazeFaceDetector(white_cells(22), threads=1)
    assert len(smaller.detect(image)) == 0
    assert len(smaller.detect(with_cells(160, 160, (8, 8)))) == 1
