"""Objects that are given as parts: what is missing, and what is wrong with their results."""

from __future__ import annotations

import numpy as np
import pytest

from closeup.errors import CloseupError, PartError, ShapeError
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.parts import CheckedDetector, required
from closeup.protocols import Embedder, FaceDetector, Landmarker

PICTURE = np.zeros((20, 30, 3), np.uint8)
ONE_FACE = Faces(np.array([[3, 4, 9, 12]], np.float32), np.ones(1, np.float32))


class Whole(FaceDetector):
    """Takes the whole picture for one face."""

    name = "whole"

    def detect(self, image: RGBImage) -> Faces:
        height, width = image.shape[:2]
        boxes = np.array([[0, 0, width - 1, height - 1]], np.float32)
        return Faces(boxes, np.ones(1, np.float32))


class Returns(FaceDetector):
    """Returns what it was given, whatever that is."""

    name = "returns"

    def __init__(self, result: object) -> None:
        self._result = result

    def detect(self, image: RGBImage) -> Faces:  # noqa: ARG002
        return self._result  # type: ignore[return-value]


def test_a_detector_needs_a_name_and_detect_only() -> None:
    detector = CheckedDetector(Whole())
    assert (detector.name, detector.reliable_height) == ("whole", 32)
    assert [len(faces) for faces in detector.detect_batch([PICTURE, PICTURE])] == [1, 1]


@pytest.mark.parametrize("protocol", [FaceDetector, Landmarker, Embedder])
def test_an_object_that_is_no_part_names_the_protocol(protocol: type) -> None:
    with pytest.raises(PartError, match=f"^dict is no {protocol.__name__}: it lacks .*name") as got:
        required({}, protocol)
    assert "\n" not in str(got.value)


def test_only_what_is_missing_is_named() -> None:
    class Half:
        name = "half"
        reliable_height = 20

        def detect(self, image: RGBImage) -> Faces:
            raise NotImplementedError

    with pytest.raises(PartError, match="it lacks detect_batch; derive it from"):
        required(Half(), FaceDetector)


def test_a_class_is_no_object() -> None:
    with pytest.raises(PartError, match=r"Whole is a class; give an object of it: Whole\(\)"):
        required(Whole, FaceDetector)


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (None, "returned NoneType; it must return closeup.Faces"),
        (np.zeros((3, 5)), r"returned ndarray of shape \(3, 5\).*boxes of shape \(n, 4\)"),
        (
            ONE_FACE.with_columns(boxes=np.full((1, 4), np.nan, np.float32)),
            "boxes with a number that is not finite",
        ),
        (
            ONE_FACE.with_columns(scores=np.full(1, np.inf, np.float32)),
            "scores with a number that is not finite",
        ),
        (
            ONE_FACE.with_columns(landmarks=np.full((1, 5, 2), np.nan, np.float32)),
            "landmarks with a number that is not finite",
        ),
        (
            ONE_FACE.with_columns(boxes=np.array([[8, 9, 3, 20]], np.float32)),
            "a box that ends before it begins; a box is x1, y1, x2, y2",
        ),
    ],
)
def test_broken_results_are_refused(result: object, message: str) -> None:
    with pytest.raises(PartError, match=message) as got:
        CheckedDetector(Returns(result)).detect(PICTURE)
    assert str(got.value).startswith("Returns.detect")


def test_arrays_that_do_not_fit_say_which_shape_was_expected() -> None:
    with pytest.raises(ShapeError, match=r"boxes must have shape \(3, 4\), got \(3, 5\)") as got:
        Faces(np.zeros((3, 5), np.float32), np.zeros(3, np.float32))
    assert isinstance(got.value, CloseupError)
    assert isinstance(got.value, ValueError)


def test_a_batch_of_another_length_is_refused() -> None:
    class Short(Whole):
        def detect_batch(self, images: object) -> list[Faces]:  # noqa: ARG002
            return []

    with pytest.raises(PartError, match="returned 0 results for 2 pictures"):
        CheckedDetector(Short()).detect_batch([PICTURE, PICTURE])
