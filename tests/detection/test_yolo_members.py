from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from closeup.detection.yolo_members import YoloMemberDetector
from closeup.errors import ModelError
from tests.yolo_files import constant_yolo

NAMES = {"names": "{0: 'Ann', 1: 'Bob'}", "stride": "32", "imgsz": "[64, 64]"}
PICTURE = np.full((128, 128, 3), 90, np.uint8)
ROWS = [
    [16, 16, 10, 20, 0.5, 0.1],
    [17, 16, 10, 20, 0.8, 0.3],
    [48, 40, 20, 20, 0.0, 0.9],
    [60, 60, 20, 20, 0.26, 0.0],
    [30, 30, 10, 10, 0.24, 0.2],
]
"""Centre, sides, and a score for each; the second is the first again, better."""


def detector(metadata: dict[str, str], rows: list[list[float]] = ROWS) -> YoloMemberDetector:
    output = np.array(rows, np.float32).T[None]
    return YoloMemberDetector(constant_yolo(output, metadata), "stage/members.onnx", threads=1)


def test_each_member_has_boxes_of_its_own() -> None:
    found = detector(NAMES).detect(PICTURE)

    assert found.classes.tolist() == [1, 0, 1, 0]
    np.testing.assert_allclose(found.scores, [0.9, 0.8, 0.3, 0.26], atol=1e-6)
    np.testing.assert_allclose(found.boxes[0], np.array([38, 30, 58, 50]) * 2 - 0.5)
    np.testing.assert_allclose(found.boxes[3], [99.5, 99.5, 127.5, 127.5])  # cut at the edges


def test_it_knows_its_names() -> None:
    opened = detector(NAMES)
    assert opened.names == ("Ann", "Bob")
    name, _, digest = opened.name.partition("@")
    assert name == "members.onnx"
    assert len(digest) == 8


def test_a_stage_without_anybody() -> None:
    found = detector(NAMES, [[16, 16, 10, 20, 0.0, 0.1]]).detect(PICTURE)
    assert found.boxes.shape == (0, 4)
    assert len(found.classes) == len(found.scores) == 0


@pytest.mark.parametrize("names", [{}, {"names": "{1: 'Ann', 2: 'Bob'}"}])
def test_a_file_without_names_is_refused(names: dict[str, str]) -> None:
    rows = [row[:5] for row in ROWS] if not names else ROWS
    with pytest.raises(ModelError, match="does not name its classes; export it again"):
        detector({"stride": "32", "imgsz": "[64, 64]", **names}, rows)


def test_what_is_no_network_is_refused(shared_models: Path) -> None:
    yunet = (shared_models / "face_detection_yunet_2023mar.onnx").read_bytes()
    for model in (b"rubbish", yunet):
        with pytest.raises(ModelError, match="members"):
            YoloMemberDetector(model, "members.onnx")
