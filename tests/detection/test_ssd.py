from pathlib import Path

import cv2
import numpy as np
import pytest

from closeup.detection.ssd import SsdDetector
from closeup.errors import ModelCorruptError
from closeup.frames import RGBImage
from closeup.geometry import centres_of, iou
from tests.real_photos import astronaut, hopper, lfw, stage


def opened(models: Path, **options: float) -> SsdDetector:
    graph = models / "opencv_face_detector.pbtxt"
    return SsdDetector(models / "opencv_face_detector_uint8.pb", graph, **options)  # type: ignore[arg-type]


def test_boxes_are_those_of_opencv(shared_models: Path) -> None:
    """On the size the network was trained on, by the recipe of OpenCV's sample."""
    picture = np.asarray(cv2.resize(astronaut(), (300, 300)), np.uint8)
    network = cv2.dnn.readNetFromTensorflow(
        str(shared_models / "opencv_face_detector_uint8.pb"),
        str(shared_models / "opencv_face_detector.pbtxt"),
    )
    bgr = np.ascontiguousarray(picture[..., ::-1])
    network.setInput(cv2.dnn.blobFromImage(bgr, 1.0, (300, 300), (104, 117, 123)))
    best = network.forward()[0, 0, 0]
    faces = opened(shared_models).detect(picture)
    np.testing.assert_allclose(faces.scores, best[2], atol=1e-5)
    np.testing.assert_allclose(faces.boxes[0], best[3:] * 300 - 0.5, atol=1e-2)


def test_a_mirrored_picture_has_mirrored_boxes(shared_models: Path) -> None:
    detector = opened(shared_models)
    photo = hopper()
    faces, mirrored = detector.detect_batch([photo, photo[:, ::-1]])
    x1, _, x2, _ = mirrored.boxes[0]
    last = photo.shape[1] - 1
    side = faces.boxes[0, 2] - faces.boxes[0, 0]
    np.testing.assert_allclose([last - x2, last - x1], faces.boxes[0, [0, 2]], atol=0.04 * side)


def on_a_stage(photo: RGBImage, side: int) -> RGBImage:
    """A photo of so many pixels somewhere in a picture of 1280x720."""
    picture = np.full((720, 1280, 3), 60, np.uint8)
    picture[300 : 300 + side, 700 : 700 + side] = cv2.resize(
        photo, (side, side), interpolation=cv2.INTER_AREA
    )
    return picture


def test_a_face_that_fills_a_large_picture_is_found_once(shared_models: Path) -> None:
    """On the larger canvas the network sees faces elsewhere, which do not count."""
    face = astronaut()[20:200, 130:310]
    large = np.asarray(cv2.resize(face, (1100, 1100)), np.uint8)
    faces = opened(shared_models).detect(large)
    small = opened(shared_models).detect(np.asarray(cv2.resize(face, (250, 250)), np.uint8))
    assert iou(faces.boxes[:1], small.scaled(4.4, 4.4).boxes[:1])[0, 0] > 0.9


@pytest.mark.parametrize("side", [300, 700, 1500])
@pytest.mark.parametrize("share", [0.5, 0.7, 0.9])
def test_a_close_face_has_no_second_box_to_the_lower_right(
    share: float, side: int, shared_data: Path, shared_models: Path
) -> None:
    detector = opened(shared_models)
    for photo in lfw(shared_data, 3):
        half = round(127 / share / 2)
        face = cv2.copyMakeBorder(photo, 20, 20, 20, 20, cv2.BORDER_REPLICATE)
        face = face[145 - half : 145 + half, 145 - half : 145 + half]
        close = np.asarray(cv2.resize(face, (side, side), interpolation=cv2.INTER_CUBIC), np.uint8)
        found = detector.detect(close)
        assert len(found) == 1
        middle = centres_of(found.boxes)[0] / side
        np.testing.assert_allclose(middle, 0.5, atol=0.15)


def test_the_second_look_finds_what_the_first_cannot(shared_models: Path) -> None:
    picture = on_a_stage(astronaut(), 150)
    one, two = (opened(shared_models, longest_side=side).detect(picture) for side in (300, 940))
    assert [len(one), len(two)] == [0, 1]


def test_an_eye_is_no_face_of_its_own(shared_models: Path) -> None:
    faces = opened(shared_models).detect(hopper())
    assert len(faces) == 1


@pytest.mark.parametrize("size", [(400, 400), (480, 640), (540, 900), (720, 940), (301, 700)])
def test_the_size_of_the_picture_does_not_shift_the_box(
    size: tuple[int, int], shared_models: Path
) -> None:
    detector = opened(shared_models)
    photo = np.asarray(cv2.resize(astronaut()[:300, 70:370], (240, 240)), np.uint8)
    alone = detector.detect(photo)
    picture = np.full((*size, 3), 90, np.uint8)
    picture[40:280, 100:340] = photo
    faces = detector.detect(picture)
    expected = alone.boxes[0] + [100, 40, 100, 40]
    side = expected[3] - expected[1]
    np.testing.assert_allclose(faces.boxes[0], expected, atol=0.04 * side)


def test_a_wide_picture_keeps_its_shape(shared_models: Path) -> None:
    detector = opened(shared_models)
    photo = astronaut()
    wide = np.zeros((512, 1600, 3), np.uint8)
    wide[:, :512] = photo
    faces, alone = detector.detect_batch([wide, photo])
    assert iou(faces.boxes[:1], alone.boxes[:1])[0, 0] > 0.8


def test_a_higher_bar_keeps_fewer(shared_data: Path, shared_models: Path) -> None:
    frame = stage(shared_data)
    low, high = (opened(shared_models, score_threshold=score).detect(frame) for score in (0.2, 0.9))
    assert len(low) > len(high)
    assert high.scores.min(initial=1) >= 0.9


def test_rubbish_is_refused(shared_models: Path, tmp_path: Path) -> None:
    rubbish = tmp_path / "weights.pb"
    rubbish.write_bytes(b"rubbish" * 20)
    with pytest.raises(ModelCorruptError, match="closeup models fetch ssd"):
        SsdDetector(rubbish, shared_models / "opencv_face_detector.pbtxt")
