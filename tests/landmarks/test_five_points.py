from pathlib import Path

import dlib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from closeup.detection.hog import HogDetector
from closeup.detection.yunet import YuNetDetector
from closeup.errors import ModelCorruptError
from closeup.landmarks.five_points import FivePointPredictor, squared
from tests.real_photos import astronaut, dlib_file, hopper, lfw


@pytest.fixture(scope="module")
def predictor() -> FivePointPredictor:
    return FivePointPredictor(dlib_file("dlib-5-points"))


def test_points_are_those_of_dlib_on_the_whole_picture(
    predictor: FivePointPredictor, shared_data: Path
) -> None:
    original = dlib.shape_predictor(str(dlib_file("dlib-5-points")))
    for photo in [astronaut(), hopper(), *lfw(shared_data, 3)]:
        box = HogDetector().detect([photo])[0].boxes[0]
        left, top, right, bottom = (box + np.array([0.5, 0.5, -0.5, -0.5])).astype(int).tolist()
        parts = original(photo, dlib.rectangle(left, top, right, bottom)).parts()
        expected = [(part.x, part.y) for part in parts]
        assert predictor.find(photo, box).tolist() == [list(point) for point in expected]


def test_both_kinds_of_boxes_lead_to_the_same_eyes(
    predictor: FivePointPredictor, shared_models: Path
) -> None:
    yunet = YuNetDetector((shared_models / "yunet_n_dynamic.onnx").read_bytes(), threads=1)
    for photo in (astronaut(), hopper()):
        faces = yunet.detect([photo])[0]
        assert faces.landmarks is not None
        points = predictor.find(photo, squared(faces.boxes)[0])
        from_dlib = predictor.find(photo, HogDetector().detect([photo])[0].boxes[0])
        eyes = faces.landmarks[0, :2]
        distance = np.linalg.norm(eyes[0] - eyes[1])
        assert np.abs(points - from_dlib).max() < 0.12 * distance
        assert np.linalg.norm(points[2:4].mean(0) - eyes[0]) < 0.12 * distance
        assert np.linalg.norm(points[0:2].mean(0) - eyes[1]) < 0.12 * distance


@pytest.mark.parametrize(
    "box", [(-90, -90, -40, -40), (600, 600, 700, 700), (5, 5, 5, 5), (-50, 100, 40, 190)]
)
def test_a_box_may_leave_the_picture(
    predictor: FivePointPredictor, box: tuple[float, float, float, float]
) -> None:
    assert predictor.find(astronaut(), np.array(box, np.float32)).shape == (5, 2)


def test_points_move_with_the_picture(predictor: FivePointPredictor) -> None:
    photo = astronaut()
    box = HogDetector().detect([photo])[0].boxes[0]
    large = np.zeros((2160, 3840, 3), np.uint8)
    large[1000:1512, 2000:2512] = photo
    moved = predictor.find(large, box + np.array([2000, 1000, 2000, 1000], np.float32))
    assert (moved - np.array([2000, 1000])).tolist() == predictor.find(photo, box).tolist()


@given(arrays(np.float32, (3, 4), elements=st.floats(0, 1000, width=32)))
def test_squares_follow_the_recipe(corners: np.ndarray) -> None:
    boxes = np.hstack([corners[:, :2], corners[:, :2] + corners[:, 2:]])
    squares = squared(boxes)
    longer = corners[:, 2:].max(axis=1)
    sides = squares[:, 2:] - squares[:, :2]
    np.testing.assert_allclose(sides, np.stack([longer * 0.95] * 2, 1), atol=2e-3)
    shift = (squares[:, :2] + squares[:, 2:] - boxes[:, :2] - boxes[:, 2:]) / 2
    np.testing.assert_allclose(shift[:, 0], 0, atol=2e-3)
    np.testing.assert_allclose(shift[:, 1], 0.04 * longer, atol=2e-3)


def test_no_box_gives_no_square() -> None:
    assert squared(np.empty((0, 4), np.float32)).shape == (0, 4)


def test_rubbish_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.dat").write_bytes(b"rubbish")
    with pytest.raises(ModelCorruptError, match="dlib cannot read"):
        FivePointPredictor(tmp_path / "x.dat")
