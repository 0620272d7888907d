from dataclasses import replace
from pathlib import Path

import dlib
import numpy as np
import pytest

from closeup.detection.hog import HogDetector
from closeup.detection.yunet import YuNetDetector
from closeup.errors import ModelCorruptError
from closeup.faces import Faces
from closeup.landmarks.dlib_points import DlibLandmarker
from tests.real_photos import astronaut, dlib_file, hopper, lfw


def one(box: tuple[float, float, float, float]) -> Faces:
    return Faces(np.array([box], np.float32), np.ones(1, np.float32))


@pytest.fixture(scope="module")
def landmarker() -> DlibLandmarker:
    return DlibLandmarker(dlib_file("dlib-5-points"))


def test_points_are_those_of_dlib_on_the_whole_picture(
    landmarker: DlibLandmarker, shared_data: Path
) -> None:
    original = dlib.shape_predictor(str(dlib_file("dlib-5-points")))
    for photo in [astronaut(), hopper(), *lfw(shared_data, 3)]:
        faces = HogDetector().detect(photo)
        pixels = faces.boxes[0] + np.array([0.5, 0.5, -0.5, -0.5])
        left, top, right, bottom = pixels.astype(int).tolist()
        parts = original(photo, dlib.rectangle(left, top, right, bottom)).parts()
        expected = [(part.x, part.y) for part in parts]
        assert landmarker.find(photo, faces)[0].tolist() == [list(point) for point in expected]


def test_both_kinds_of_boxes_lead_to_the_same_eyes(
    landmarker: DlibLandmarker, shared_models: Path
) -> None:
    yunet = YuNetDetector((shared_models / "yunet_n_dynamic.onnx").read_bytes(), threads=1)
    for photo in (astronaut(), hopper()):
        faces = yunet.detect(photo)
        assert faces.landmarks is not None
        points = landmarker.find(photo, faces)[0]
        from_dlib = landmarker.find(photo, HogDetector().detect(photo))[0]
        eyes = faces.landmarks[0, :2]
        distance = np.linalg.norm(eyes[0] - eyes[1])
        assert np.abs(points - from_dlib).max() < 0.12 * distance
        assert np.linalg.norm(points[2:4].mean(0) - eyes[0]) < 0.12 * distance
        assert np.linalg.norm(points[0:2].mean(0) - eyes[1]) < 0.12 * distance


@pytest.mark.parametrize(
    "box", [(-90, -90, -40, -40), (600, 600, 700, 700), (5, 5, 5, 5), (-50, 100, 40, 190)]
)
def test_a_box_may_leave_the_picture(
    landmarker: DlibLandmarker, box: tuple[float, float, float, float]
) -> None:
    assert landmarker.find(astronaut(), one(box)).shape == (1, 5, 2)


def test_points_move_with_the_picture(landmarker: DlibLandmarker) -> None:
    photo = astronaut()
    faces = HogDetector().detect(photo)
    large = np.zeros((2160, 3840, 3), np.uint8)
    large[1000:1512, 2000:2512] = photo
    there = replace(faces, boxes=faces.boxes + np.array([2000, 1000, 2000, 1000], np.float32))
    moved = landmarker.find(large, there) - np.array([2000, 1000])
    np.testing.assert_array_equal(moved, landmarker.find(photo, faces))


def test_no_face_has_no_points(landmarker: DlibLandmarker) -> None:
    assert landmarker.find(astronaut(), Faces.none()).shape == (0, 5, 2)


def test_rubbish_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.dat").write_bytes(b"rubbish")
    with pytest.raises(ModelCorruptError, match="dlib cannot read"):
        DlibLandmarker(tmp_path / "x.dat")
