from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from onnx import TensorProto

from closeup.detection.candidates import WIDER_FACE_SQUARING
from closeup.detection.yolo import YoloDetector
from closeup.detection.yolo_network import YoloNetwork
from closeup.errors import ModelError
from closeup.frames import RGBImage
from closeup.geometry import Size
from tests.yolo_files import BOX, CELL, POINTS, constant_yolo, white_square_yolo

FACE = {"names": "{0: 'face'}", "stride": "32"}
POSE = {**FACE, "task": "pose", "kpt_shape": "[5, 3]"}
SIZES = [Size(320, 320), Size(640, 360), Size(90, 160), Size(1000, 300), Size(33, 500)]


def detector(model: bytes, **options: Any) -> YoloDetector:
    return YoloDetector(model, "faces.onnx", threads=1, **options)


def v8(rows: list[list[float]]) -> NDArray[np.float32]:
    return np.array(rows, np.float32).T[None]


def v5(rows: list[list[float]], count: int = 252) -> NDArray[np.float32]:
    """As many rows as three boxes for each cell of 64x64 pixels; those not given are unsure."""
    filled = np.full((1, count, len(rows[0])), 0.01, np.float32)
    filled[0, : len(rows)] = rows
    return filled


def square_picture(size: Size, middle: tuple[int, int], side: int) -> RGBImage:
    picture = np.full((size.height, size.width, 3), 20, np.uint8)
    cv2.rectangle(
        picture,
        (middle[0] - side // 2, middle[1] - side // 2),
        (middle[0] + side // 2 - 1, middle[1] + side // 2 - 1),
        (255, 255, 255),
        -1,
    )
    return picture


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("free", [False, True], ids=["fixed", "free"])
@pytest.mark.parametrize("kind", ["v8", "v5", "points"])
def test_a_white_square_is_found_through_the_letterbox(size: Size, free: bool, kind: str) -> None:
    metadata = {**(POSE if kind == "points" else FACE), "imgsz": "[320, 320]"}
    model = white_square_yolo(
        metadata,
        v5=kind == "v5",
        points=kind == "points",
        size=("height", "width") if free else (320, 320),
    )
    scale = max(size) / 320
    middle = (round(0.6 * size.width), round(0.35 * size.height))
    picture = square_picture(size, middle, 2 * round(0.6 * CELL * 2 * scale))
    faces = detector(model).detect(picture)
    assert len(faces) >= 1
    assert faces.squaring == WIDER_FACE_SQUARING
    box = faces.boxes[0]
    centre = (box[:2] + box[2:]) / 2
    inside = np.all((box > 0) & (box < np.repeat([[*size]], 2, axis=0).ravel() - 1))
    if inside:
        np.testing.assert_allclose(box[2:] - box[:2], BOX * scale, rtol=0.02)
        assert np.abs(centre + 0.5 - middle).max() <= (CELL / 2 + 2) * scale
    else:
        assert np.all(box[:2] <= middle)
        assert np.all(box[2:] >= middle)
    if kind == "points":
        assert faces.landmarks is not None
        spread = faces.landmarks[0] - faces.landmarks[0, 2]
        np.testing.assert_allclose(spread, POINTS * scale, rtol=0.03, atol=0.01)
    else:
        assert faces.landmarks is None


@pytest.mark.parametrize("dtype", [TensorProto.FLOAT, TensorProto.FLOAT16])
def test_v8_boxes_are_where_the_numbers_say(dtype: int) -> None:
    rows = [[32, 32, 16, 24, 0.5], [20, 40, 8, 8, 0.75], [33, 32, 16, 24, 0.4], [9, 9, 9, 9, 0.1]]
    model = constant_yolo(v8(rows), FACE, dtype=dtype)
    wide, same = detector(model).detect_batch(
        [np.zeros((64, 128, 3), np.uint8), np.zeros((64, 64, 3), np.uint8)]
    )
    np.testing.assert_allclose(same.scores, [0.75, 0.5])
    np.testing.assert_allclose(
        same.boxes, [[15.5, 35.5, 23.5, 43.5], [23.5, 19.5, 39.5, 43.5]], atol=1e-4
    )
    # 128x64 is halved and lies in the middle, below 16 rows
    np.testing.assert_allclose(wide.boxes[0], [31.5, 39.5, 47.5, 55.5], atol=1e-4)


def test_v5_scores_are_objectness_times_class() -> None:
    rows = [[32, 32, 16, 24, 0.5, 0.25, 0.9], [20, 40, 8, 8, 0.8, 0.9, 0.1]]
    metadata = {"names": "['dog', 'Face']", "stride": "32"}
    faces = detector(constant_yolo(v5(rows), metadata)).detect(np.zeros((64, 64, 3), np.uint8))
    np.testing.assert_allclose(faces.scores, [0.45], rtol=1e-6)
    np.testing.assert_allclose(faces.boxes, [[23.5, 19.5, 39.5, 43.5]], atol=1e-4)


@pytest.mark.parametrize("said", [{"end2end": "True"}, {"args": "{'batch': 1, 'nms': True}"}])
def test_finished_boxes_are_corners(said: dict[str, str]) -> None:
    rows = np.zeros((1, 300, 6), np.float32)
    rows[0, :3] = [[4, 8, 20, 24, 0.9, 1], [30, 30, 50, 60, 0.8, 0], [0, 0, 9, 9, 0.1, 1]]
    model = constant_yolo(rows, {"names": "{0: 'cat', 1: 'face'}", **said})
    faces = detector(model).detect(np.zeros((64, 64, 3), np.uint8))
    np.testing.assert_allclose(faces.boxes, [[3.5, 7.5, 19.5, 23.5]], atol=1e-4)


def test_finished_boxes_have_landmarks_too() -> None:
    rows = np.zeros((1, 20, 16), np.float32)
    rows[0, 0] = [4, 8, 20, 24, 0.9, 0, *range(10, 20)]
    model = constant_yolo(rows, {**FACE, "kpt_shape": "[5, 2]", "task": "pose", "end2end": "True"})
    faces = detector(model).detect(np.zeros((64, 64, 3), np.uint8))
    assert faces.landmarks is not None
    np.testing.assert_allclose(faces.landmarks[0], np.arange(10, 20).reshape(5, 2) - 0.5, atol=1e-4)


def test_files_without_metadata_have_one_class() -> None:
    picture = np.zeros((64, 64, 3), np.uint8)
    for output in (v8([[32, 32, 16, 24, 0.5]] * 7), v5([[32, 32, 16, 24, 1, 0.5]])):
        faces = detector(constant_yolo(output, {})).detect(picture)
        np.testing.assert_allclose(faces.boxes, [[23.5, 19.5, 39.5, 43.5]], atol=1e-4)
        np.testing.assert_allclose(faces.scores, [0.5])


def test_other_points_than_five_are_left_aside() -> None:
    metadata = {**FACE, "task": "pose", "kpt_shape": "[68, 2]"}
    model = constant_yolo(v8([[32, 32, 16, 24, 0.5, *[1] * 136]]), metadata)
    faces = detector(model).detect(np.zeros((64, 64, 3), np.uint8))
    assert len(faces) == 1
    assert faces.landmarks is None


def test_a_free_size_keeps_to_whole_strides_around_the_picture() -> None:
    model = white_square_yolo({**FACE, "imgsz": "[320, 320]"}, size=("h", "w"))
    found = YoloNetwork(model, "faces.onnx", threads=1)
    assert found._canvas(Size(1920, 1080)) == Size(320, 192)
    assert found._canvas(Size(10, 4000)) == Size(32, 320)


@pytest.mark.parametrize(("size", "scale"), [(Size(200, 120), 1), (Size(640, 384), 2)])
def test_pictures_can_keep_their_own_size_up_to_a_limit(size: Size, scale: int) -> None:
    model = white_square_yolo({**FACE, "imgsz": "[640, 640]"}, size=("h", "w"))
    image = np.full((size.height, size.width, 3), 90, np.uint8)
    side = CELL * scale
    image[6 * side : 7 * side, 10 * side : 11 * side] = 255

    faces = detector(model, own_size=320).detect(image)

    middle = np.array([10.5, 6.5]) * side - 0.5
    np.testing.assert_allclose(
        faces.boxes, [[*(middle - BOX * scale / 2), *(middle + BOX * scale / 2)]], atol=0.01
    )


def test_a_name_of_ones_own() -> None:
    assert detector(white_square_yolo(FACE), name="closeup").name == "closeup"


def test_the_name_tells_files_apart() -> None:
    first, second = (
        detector(constant_yolo(v8([[32, 32, side, side, 0.5]] * 7), FACE)) for side in (8, 9)
    )
    assert first.name.startswith("faces.onnx@")
    assert first.name != second.name


def test_a_higher_bar_keeps_fewer() -> None:
    model = constant_yolo(v8([[32, 32, 16, 24, 0.5], [20, 40, 8, 8, 0.75]]), FACE)
    picture = np.zeros((64, 64, 3), np.uint8)
    assert [len(detector(model, score_threshold=s).detect(picture)) for s in (0.4, 0.7)] == [
        2,
        1,
    ]


BOXES = v8([[32, 32, 16, 24, 0.5]] * 7)


@pytest.mark.parametrize(
    ("output", "metadata", "reason"),
    [
        (np.zeros((1, 300, 6)), {}, "cannot tell"),
        (np.zeros((1, 300, 6)), FACE, "cannot tell"),
        (np.zeros((1, 5, 6)), FACE, "cannot tell"),
        (np.ones((1, 252, 16)), {}, "cannot tell"),
        (np.ones((1, 84, 100)), FACE, "cannot tell"),
        (np.ones((2, 5, 100)), FACE, "cannot tell"),
        (np.ones((5, 100)), FACE, "cannot tell"),
        (np.ones((1, 252, 6)), {**POSE}, "cannot tell"),
        (BOXES, {**FACE, "end2end": "True"}, "cannot tell"),
        (np.ones((1, 6, 84)), {"names": "{0: 'cat', 1: 'dog'}"}, "classes are cat, dog"),
        (BOXES, {"names": "{0: 'person'}"}, "classes are person"),
        (BOXES, {**FACE, "task": "segment"}, "for segment"),
        (BOXES, {"names": "{0: 'face'"}, "cannot read names"),
        (BOXES, {"names": "7"}, "cannot read names"),
        (BOXES, {**FACE, "imgsz": "'large'"}, "cannot read imgsz"),
        (BOXES, {**FACE, "kpt_shape": "[5]"}, "key points"),
    ],
)
def test_what_cannot_be_read_for_sure_is_refused(
    output: np.ndarray, metadata: dict[str, str], reason: str
) -> None:
    with pytest.raises(ModelError, match=reason) as refused:
        detector(constant_yolo(output, metadata))
    assert "\n" not in str(refused.value)
    assert "faces.onnx" in str(refused.value)


@pytest.mark.parametrize("rubbish", [b"", b"rubbish" * 20])
def test_rubbish_is_refused(rubbish: bytes) -> None:
    with pytest.raises(ModelError, match=r"faces\.onnx"):
        detector(rubbish)


def test_networks_that_are_no_detectors_are_refused(shared_models: Path) -> None:
    whole = constant_yolo(BOXES, FACE, dtype=TensorProto.INT32)
    with pytest.raises(ModelError, match="float numbers"):
        detector(whole)
    flat = constant_yolo(BOXES, FACE, size=(64,))
    with pytest.raises(ModelError, match="not one picture in colour"):
        detector(flat)
    with pytest.raises(ModelError, match="cannot tell"):
        detector((shared_models / "yunet_n_320_320.onnx").read_bytes())
