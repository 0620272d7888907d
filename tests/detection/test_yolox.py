"""The decoding against a slow one in plain Python, on a network of random weights."""

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import cv2
import numpy as np
import onnxruntime
import pytest

from closeup.detection.yolox import YoloxDetector
from closeup.errors import ModelCorruptError
from closeup.frames import RGBImage
from tests.random_yolox import random_yolox
from tests.real_photos import astronaut, hopper


@pytest.fixture(scope="module")
def model() -> bytes:
    return random_yolox()


def reference(model: bytes, image: RGBImage, least: float, overlap: float) -> list[list[float]]:
    """Rows of x1, y1, x2, y2, score in the picture, edges of pixels at whole numbers."""
    height, width = image.shape[:2]
    ratio = min(640 / height, 640 / width)
    inner = (max(1, round(width * ratio)), max(1, round(height * ratio)))
    canvas = np.full((640, 640, 3), 114, np.float32)
    shrinks = width > 2 * inner[0] or height > 2 * inner[1]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    canvas[: inner[1], : inner[0]] = cv2.resize(image[..., ::-1], inner, interpolation=method)
    session: Any = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    output = session.run(None, {"images": canvas.transpose(2, 0, 1)[None]})[0][0].tolist()
    found = []
    cells = ((s, x, y) for s in (8, 16, 32) for y in range(640 // s) for x in range(640 // s))
    for row, (stride, x, y) in zip(output, cells, strict=True):
        score = row[4] * row[5]
        if score >= least:
            cx, cy = (row[0] + x) * stride, (row[1] + y) * stride
            w, h = math.exp(row[2]) * stride, math.exp(row[3]) * stride
            found.append([cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2, score])
    kept: list[list[float]] = []
    for box in sorted(found, key=lambda box: -box[4]):
        if all(share(box, other) <= overlap for other in kept):
            kept.append(box)
    scale = [width / inner[0], height / inner[1]] * 2
    return [[*(e * s for e, s in zip(box[:4], scale, strict=True)), box[4]] for box in kept]


def share(a: list[float], b: list[float]) -> float:
    shared = max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(
        0.0, min(a[3], b[3]) - max(a[1], b[1])
    )
    both = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (a, b))
    return shared / (both - shared)


@pytest.mark.parametrize("shape", [(300, 900), (1400, 500), (40, 30)])
def test_persons_are_those_of_the_slow_reference(model: bytes, shape: tuple[int, int]) -> None:
    height, width = shape
    image = np.asarray(cv2.resize(astronaut(), (width, height)), np.uint8)
    expected = np.array(reference(model, image, 0.7, 0.5))
    persons = YoloxDetector(model, score_threshold=0.7, threads=1).detect(image)
    limits = [width, height, width, height]
    boxes = np.clip(expected[:, :4], 0, limits) - 0.5
    inside = np.all(boxes[:, 2:] > boxes[:, :2], axis=1)
    assert len(persons) == inside.sum() >= 5
    np.testing.assert_allclose(persons.scores, expected[inside, 4], atol=1e-5)
    np.testing.assert_allclose(persons.boxes, boxes[inside], atol=0.01)
    assert persons.boxes.dtype == persons.scores.dtype == np.float32


@pytest.mark.parametrize("shape", [(0, 0), (0, 9), (9, 0)])
def test_an_empty_picture_has_nobody(model: bytes, shape: tuple[int, int]) -> None:
    persons = YoloxDetector(model).detect(np.zeros((*shape, 3), np.uint8))
    assert len(persons) == 0
    assert persons.boxes.shape == (0, 4)


@pytest.mark.parametrize("shape", [(1, 1), (1, 2000), (4000, 6000)])
def test_any_size_gives_boxes_inside(model: bytes, shape: tuple[int, int]) -> None:
    image = np.full((*shape, 3), 200, np.uint8)
    persons = YoloxDetector(model, score_threshold=0.2, threads=1).detect(image)
    limits = np.array([shape[1], shape[0]] * 2) - 0.5
    assert np.all(persons.boxes >= -0.5)
    assert np.all(persons.boxes <= limits)
    assert np.all(np.diff(persons.scores) <= 0)


def test_threads_change_nothing(model: bytes) -> None:
    detector = YoloxDetector(model, score_threshold=0.3, threads=1)
    pictures = [astronaut(), hopper(), np.zeros((3, 3, 3), np.uint8)]
    alone = [detector.detect(picture) for picture in pictures]
    with ThreadPoolExecutor(2) as pool:
        apart = list(pool.map(detector.detect, pictures))
    for a, b in zip(alone, apart, strict=True):
        np.testing.assert_array_equal(a.boxes, b.boxes)
        np.testing.assert_array_equal(a.scores, b.scores)


def test_rubbish_is_refused() -> None:
    with pytest.raises(ModelCorruptError, match="closeup models fetch yolox"):
        YoloxDetector(b"rubbish")
