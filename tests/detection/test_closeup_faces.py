"""Networks of ``closeup train faces`` find faces of any size, in the package or as a file."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from closeup.datasets.scenes.hands import draw_fist
from closeup.detection.closeup_faces import (
    NAME,
    SCORE_THRESHOLD,
    candidate_detector,
    closeup_detector,
    file_detector,
)
from closeup.detection.yolo import YoloDetector
from closeup.errors import ModelError
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import Size, heights_of, iou
from closeup.models.files import locate
from tests.real_photos import PACKAGES_ONLY, astronaut
from tests.yolo_files import Shape, white_square_yolo

FILE = "closeup_faces.onnx"
AUTHORS = {"names": "{0: 'face'}", "author": "closeup"}


@pytest.fixture(scope="module")
def model() -> bytes:
    return locate("closeup-faces", PACKAGES_ONLY).read_bytes()


@pytest.fixture(scope="module")
def rescorer() -> bytes:
    return locate("closeup-rescorer", PACKAGES_ONLY).read_bytes()


def close(size: Size) -> RGBImage:
    """A portrait whose face takes three quarters of the height."""
    face = astronaut()[50:210, 145:305]
    return np.asarray(cv2.resize(face, size, interpolation=cv2.INTER_CUBIC), np.uint8)


def assert_one_of_three_quarters(faces: Faces, side: int) -> None:
    assert len(faces) == 1
    assert heights_of(faces.boxes)[0] / side == pytest.approx(0.75, abs=0.1)


@pytest.mark.parametrize("side", [250, 640, 1281, 3000])
def test_a_close_face_is_found_once(side: int, model: bytes, rescorer: bytes) -> None:
    image = close(Size(side, side))
    both = closeup_detector(model, rescorer, threads=1)
    for detector in (both, file_detector(model, FILE, threads=1)):
        assert_one_of_three_quarters(detector.detect(image), side)


def test_a_larger_longest_side_needs_no_other_settings(model: bytes, rescorer: bytes) -> None:
    detector = closeup_detector(model, rescorer, longest_side=2048, threads=1)
    assert_one_of_three_quarters(detector.detect(close(Size(2048, 2048))), 2048)


def test_a_file_has_the_scale_that_it_was_exported_for(model: bytes, rescorer: bytes) -> None:
    image = astronaut()
    expected = YoloDetector(model, FILE, threads=1).detect(image)
    detector = file_detector(model, FILE, threads=1)
    found = detector.detect(image)
    assert iou(found.boxes[:1], expected.boxes[:1])[0, 0] > 0.9
    assert detector.name.startswith(f"{FILE}@")
    assert closeup_detector(model, rescorer, threads=1).name == NAME


@pytest.mark.parametrize(
    ("metadata", "size", "pyramid"),
    [
        (AUTHORS, ("height", "width"), True),
        (AUTHORS, (320, 320), False),
        ({**AUTHORS, "author": "Ultralytics"}, ("height", "width"), False),
        ({"names": "{0: 'face'}"}, ("height", "width"), False),
    ],
)
def test_other_files_are_searched_as_their_authors_do(
    metadata: dict[str, str], size: Shape, pyramid: bool
) -> None:
    own = white_square_yolo({**metadata, "imgsz": "[320, 320]"}, size=size)
    detector = file_detector(own, "own.onnx", threads=1)
    assert isinstance(detector, YoloDetector) is not pyramid
    square = np.zeros((320, 320, 3), np.uint8)
    square[64:104, 64:104] = 255
    assert len(detector.detect(square)) >= 1


def test_rubbish_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"own\.onnx is not an ONNX file"):
        file_detector(b"rubbish" * 20, "own.onnx")


def fists() -> RGBImage:
    """Seven rows of nine drawn fists of 32 pixels on grey, and a face below them."""
    image, rng = np.full((640, 640, 3), 90, np.uint8), np.random.default_rng(0)
    for number in range(63):
        colour, alpha = np.zeros((96, 96, 3), np.uint8), np.zeros((96, 96), np.uint8)
        draw_fist(colour, alpha, rng)
        cover = alpha[..., None] / 255
        drawn = (90 * (1 - cover) + colour * cover).astype(np.uint8)
        y, x = 20 + number // 9 * 64, 20 + number % 9 * 64
        image[y : y + 32, x : x + 32] = cv2.resize(drawn, (32, 32), interpolation=cv2.INTER_AREA)
    image[480:640, 480:640] = astronaut()[50:210, 145:305]
    return image


def test_the_second_network_takes_fewer_fists_for_faces(model: bytes, rescorer: bytes) -> None:
    image = fists()
    first = candidate_detector(model, score_threshold=SCORE_THRESHOLD, threads=1).detect(image)
    both = closeup_detector(model, rescorer, threads=1).detect(image)
    assert len(first) > 15
    assert len(both) < 2 / 3 * len(first)
    assert both.boxes[0, 1] > 470
    assert both.scores[0] > 0.95
