from pathlib import Path

import cv2
import numpy as np
import pytest

from closeup.detection.yunet import YuNetDetector, yunet_detector
from closeup.errors import ModelCorruptError
from closeup.frames import RGBImage
from closeup.geometry import heights_of, iou
from tests.real_photos import astronaut, hopper, stage

FILES = ["yunet_n_dynamic.onnx", "yunet_n_320_320.onnx", "face_detection_yunet_2023mar.onnx"]


def opencv(path: Path, image: RGBImage, score_threshold: float) -> np.ndarray:
    """Rows of x, y, width, height, five points, score, best first."""
    height, width = image.shape[:2]
    detector = cv2.FaceDetectorYN.create(str(path), "", (width, height), score_threshold, 0.3)
    found = detector.detect(np.ascontiguousarray(image[..., ::-1]))[1]
    rows = np.empty((0, 15)) if found is None else np.asarray(found)
    return rows[np.argsort(-rows[:, 14])]


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("crop", ["portrait", "stage", "whole"])
def test_faces_are_those_of_opencv(
    file: str, crop: str, shared_data: Path, shared_models: Path
) -> None:
    frame = stage(shared_data)
    images = {
        "portrait": cv2.resize(astronaut(), (320, 320)),
        "stage": np.ascontiguousarray(frame[300:620, 700:1020]),
        "whole": cv2.resize(frame, (320, 320), interpolation=cv2.INTER_AREA),
    }
    image = np.asarray(images[crop], np.uint8)
    expected = opencv(shared_models / "yunet_n_320_320.onnx", image, 0.6)
    if "2023mar" in file:
        expected = opencv(shared_models / file, image, 0.6)
    model = (shared_models / file).read_bytes()
    faces = YuNetDetector(model, threads=1).detect(image)
    corners = np.hstack([expected[:, :2], expected[:, :2] + expected[:, 2:4]])
    assert len(faces) == len(expected)
    np.testing.assert_allclose(faces.boxes, np.clip(corners, -0.5, 319.5), atol=0.01)
    assert faces.landmarks is not None
    np.testing.assert_allclose(faces.landmarks.reshape(-1, 10), expected[:, 4:14], atol=0.01)
    np.testing.assert_allclose(faces.scores, expected[:, 14], atol=1e-4)


def test_a_stage_at_full_size_shows_more_faces(shared_data: Path, shared_models: Path) -> None:
    model = (shared_models / FILES[0]).read_bytes()
    frame = stage(shared_data)
    small, full = (
        YuNetDetector(model, longest_side=side, threads=2).detect(frame) for side in (640, None)
    )
    assert len(full) >= 6
    assert len(full) > len(small)


@pytest.mark.parametrize("side", [300, 511, 2000])
def test_the_size_of_the_picture_hardly_matters(side: int, shared_models: Path) -> None:
    detector = YuNetDetector((shared_models / FILES[0]).read_bytes(), longest_side=320, threads=1)
    expected = detector.detect(astronaut())
    resized = np.asarray(
        cv2.resize(astronaut(), (side, side), interpolation=cv2.INTER_CUBIC), np.uint8
    )
    faces = detector.detect(resized)
    assert len(faces) == len(expected) == 1
    assert iou(faces.scaled(512 / side, 512 / side).boxes, expected.boxes)[0, 0] > 0.9


def test_landmarks_are_where_a_face_has_them(shared_models: Path) -> None:
    detector = YuNetDetector((shared_models / FILES[0]).read_bytes(), threads=1)
    for photo in (astronaut(), hopper()):
        points = detector.detect(photo).landmarks
        assert points is not None
        right_eye, left_eye, nose, right_mouth, left_mouth = points[0]
        assert right_eye[0] < nose[0] < left_eye[0]
        assert right_mouth[0] < left_mouth[0]
        assert max(right_eye[1], left_eye[1]) < nose[1] < min(right_mouth[1], left_mouth[1])


def test_a_higher_bar_keeps_fewer(shared_data: Path, shared_models: Path) -> None:
    model = (shared_models / FILES[0]).read_bytes()
    frame = stage(shared_data)
    low, high = (
        YuNetDetector(model, score_threshold=score, threads=2).detect(frame) for score in (0.3, 0.8)
    )
    assert len(low) > len(high)
    assert high.scores.min(initial=1) >= 0.8
    np.testing.assert_allclose(high.boxes, low.boxes[: len(high)], atol=1)


@pytest.mark.parametrize("rubbish", [b"", b"rubbish" * 20])
def test_rubbish_is_refused(rubbish: bytes) -> None:
    with pytest.raises(ModelCorruptError, match="closeup models fetch yunet-n"):
        YuNetDetector(rubbish)


@pytest.mark.parametrize("file", FILES[::2])
@pytest.mark.parametrize("side", [320, 1280, 3000])
def test_a_face_that_fills_a_photo_is_found_once(file: str, side: int, shared_models: Path) -> None:
    face = np.ascontiguousarray(astronaut()[60:200, 155:295])
    image = np.asarray(cv2.resize(face, (side, side), interpolation=cv2.INTER_CUBIC), np.uint8)
    faces = yunet_detector((shared_models / file).read_bytes(), "yunet-n", threads=1).detect(image)
    assert len(faces) == 1
    assert heights_of(faces.boxes)[0] / side == pytest.approx(0.85, abs=0.1)


def test_small_faces_are_those_of_a_single_look(shared_data: Path, shared_models: Path) -> None:
    model, frame = (shared_models / FILES[0]).read_bytes(), stage(shared_data)
    expected = YuNetDetector(model, threads=1).detect(frame)
    found = yunet_detector(model, "yunet-n", threads=1).detect(frame)
    np.testing.assert_allclose(found.boxes, expected.boxes, atol=0.01)
    np.testing.assert_array_equal(found.scores, expected.scores)
