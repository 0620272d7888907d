"""A second network corrects the scores of a detector."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.detection.rescoring import (
    CONTEXT,
    FaceRescorer,
    Fusion,
    RescoringDetector,
    face_crops,
)
from closeup.errors import ModelError
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.protocols import FaceDetector
from tests.rescorers import SAID, SIDE, brightness_rescorer

SCORES = st.floats(0, 1)
PLACES = st.floats(-5, 60)


def picture() -> RGBImage:
    """Black, with a white square of 20 pixels."""
    image = np.zeros((60, 80, 3), np.uint8)
    image[20:40, 30:50] = 255
    return image


class Two(FaceDetector):
    """The white square with a low score, and a black one with a high score."""

    name = "two"
    reliable_height = 24

    def detect(self, image: RGBImage) -> Faces:
        assert image.ndim == 3
        boxes = [[4, 4, 16, 16], [33, 23, 46, 36]]
        return Faces.of(boxes, [0.9, 0.3], np.arange(20).reshape(2, 5, 2))


def rescoring(**said: Any) -> RescoringDetector:
    rescorer = FaceRescorer(brightness_rescorer({**SAID, **said}), "it", threads=1)
    return RescoringDetector(Two(), rescorer, name="sure", score_threshold=0.5)


def test_only_what_the_second_network_confirms_stays() -> None:
    found = rescoring().detect(picture())

    np.testing.assert_allclose(found.boxes, [[33, 23, 46, 36]])
    assert found.scores[0] > 0.9
    assert found.landmarks is not None
    np.testing.assert_array_equal(found.landmarks[0], np.arange(10, 20).reshape(5, 2))


def test_both_scores_count_and_the_best_comes_first() -> None:
    found = rescoring(detector=1.0, rescorer=0.0).detect(picture())
    np.testing.assert_allclose(found.scores, [0.9], atol=1e-6)
    found = rescoring(bias=6.0, rescorer=0.5).detect(picture())
    assert len(found) == 2
    assert found.boxes[0, 0] == 33
    assert (np.diff(found.scores) <= 0).all()


def test_it_says_what_it_is() -> None:
    detector = rescoring()
    assert (detector.name, detector.reliable_height) == ("sure", 24)
    again = pickle.loads(pickle.dumps(detector))  # noqa: S301 - its own bytes
    np.testing.assert_array_equal(again.detect(picture()).boxes, detector.detect(picture()).boxes)


def test_without_a_candidate_nothing_runs() -> None:
    rescorer = FaceRescorer(brightness_rescorer(), "it", threads=1)
    assert rescorer.scores(picture(), Faces.none()).shape == (0,)


@given(SCORES, SCORES, st.floats(-50, 50), st.floats(0, 3), st.floats(0, 3))
def test_a_new_score_rises_with_both(
    one: float, other: float, logit: float, detector: float, rescorer: float
) -> None:
    fusion = Fusion(0.3, detector, rescorer)
    scores = fusion.scores(np.sort([one, other]), np.array([logit, logit]))
    assert 0 <= scores[0] <= scores[1] <= 1
    scores = fusion.scores(np.array([one, one]), np.array([logit, logit + 1]))
    assert 0 <= scores[0] <= scores[1] <= 1


@given(PLACES, PLACES, st.floats(1, 90), st.floats(1, 90))
def test_crops_of_any_box_have_pixels_of_the_picture(
    left: float, top: float, width: float, height: float
) -> None:
    image = np.full((40, 50, 3), 77, np.uint8)
    centre_inside = left + width / 2 < 50 and top + height / 2 < 40
    box = np.array([[left, top, left + width, top + height]], np.float32)
    box = np.clip(box, -0.5, [49.5, 39.5, 49.5, 39.5]) if centre_inside else box * 0 + 20.0
    crops = face_crops(image, box.astype(np.float32), SIDE)
    assert crops.shape == (1, SIDE, SIDE, 3)
    assert (crops == 77).all()


@pytest.mark.parametrize("size", [8, 20, 60, 200])
def test_a_crop_shows_the_box_in_its_middle(size: int) -> None:
    """A ramp has, in the middle of a crop, the value of the box's middle."""
    ramp = np.arange(240, dtype=np.uint8)
    image = np.repeat(np.repeat(ramp[None, :, None], 240, axis=0), 3, axis=2)
    middle = 120.0
    box = np.array([[middle - size / 2, 100, middle + size / 2, 100 + size]], np.float32)
    (crop,) = face_crops(image, np.clip(box, 0, 239), 48, CONTEXT)
    centre = crop[24, 23:25].mean()
    assert centre == pytest.approx(middle, abs=1.1)
    if size <= 60:
        steps = np.diff(crop[24, 4:44, 0].astype(float)).mean()
        assert steps == pytest.approx(CONTEXT * size / 48, rel=0.1)


def test_beyond_the_picture_its_border_is_repeated() -> None:
    image = np.zeros((40, 40, 3), np.uint8)
    image[:, :2] = 200
    (crop,) = face_crops(image, np.array([[0, 10, 10, 20]], np.float32), 18, 1.8)
    assert (crop[:, :4] == 200).all()
    assert (crop[:, -4:] == 0).all()


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (brightness_rescorer(None), "does not say that it scores faces"),
        (brightness_rescorer("rubbish"), "does not say that it scores faces"),
        (brightness_rescorer("[]"), "does not say that it scores faces"),
        (brightness_rescorer({**SAID, "task": "pupils"}), "is a network for pupils, version 1"),
        (brightness_rescorer({**SAID, "version": 2}), "version 2; this Closeup reads"),
        (brightness_rescorer({**SAID, "bias": "none"}), "its metadata lack bias or detector"),
        (brightness_rescorer({"task": "face rescoring", "version": 1}), "its metadata lack"),
        (brightness_rescorer(shape=("n", SIDE, SIDE, 1)), "a network that scores faces reads"),
        (brightness_rescorer(shape=(1, SIDE, SIDE, 3)), "with n free"),
        (brightness_rescorer(shape=("n", SIDE, 8, 3)), "a network that scores faces reads"),
        (brightness_rescorer(output="odds"), "and gives 'logits'"),
    ],
)
def test_other_files_are_refused(model: bytes, message: str) -> None:
    with pytest.raises(ModelError, match=rf"own\.onnx.*{message}"):
        FaceRescorer(model, "own.onnx", threads=1)
