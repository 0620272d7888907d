from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st
from onnx import TensorProto

from closeup.errors import ModelCorruptError, ModelError
from closeup.faces import Faces
from closeup.models.files import locate
from closeup.pupils.eye_crops import EyeCrop, eye_crops
from closeup.pupils.eye_frame import EyeFrame
from closeup.pupils.method import Steps
from closeup.pupils.network import EyeNetwork, EyeReadings, NetworkPupilFinder
from tests.pupil_networks import SAID_OF_THREE, constant_network, darkness_network
from tests.real_photos import PACKAGES_ONLY, astronaut

FRAME = EyeFrame(np.array([203.0, 103.0]), np.array([246.0, 105.0]))
"""Near the astronaut's eyes."""


def network(*arguments: Any, **answers: Any) -> EyeNetwork:
    return EyeNetwork(constant_network(*arguments, **answers), "own.onnx")


def crops(own: EyeNetwork) -> tuple[EyeCrop, EyeCrop]:
    return eye_crops(astronaut(), FRAME, own.shape, mirror_left=True)


def test_shares_of_the_sides_become_pixels() -> None:
    own = network([(0.25, 0.5)], openness=0.7, visible=0.6, spread=0.03)
    read = own.read(crops(own))
    np.testing.assert_allclose(read.points, np.full((2, 1, 2), (15.5, 23.5)))
    np.testing.assert_array_equal(read.pupils, read.points[:, 0])
    assert read.corners is None
    for values, expected in [(read.openness, 0.7), (read.visible, 0.6), (read.spread, 0.03)]:
        np.testing.assert_allclose(values, [expected] * 2, rtol=1e-6)


def test_entropy_and_features_are_read_where_they_are_wanted() -> None:
    own = network(more={"entropy": 2.5, "features": [1.0, 2.0, 3.0]})
    two = crops(own)
    read = own.read(two)
    assert read.entropy is None
    assert read.features is None
    read = own.read(two, describe=True)
    assert read.entropy is not None
    np.testing.assert_array_equal(read.entropy, [2.5] * 2)
    assert read.features is not None
    np.testing.assert_array_equal(read.features, [[1, 2, 3]] * 2)
    np.testing.assert_array_equal(read.spread, own.read(two).spread)


def test_the_shipped_file_is_older_and_gives_neither() -> None:
    own = EyeNetwork(locate("closeup-pupils", PACKAGES_ONLY).read_bytes(), "shipped")
    read = own.read(crops(own), describe=True)
    assert len(read.points) == 2
    assert read.entropy is None
    assert read.features is None


@pytest.mark.parametrize(
    "more", [{"entropy": [1.0, 2.0]}, {"features": 1.0}, {"entropy": float("nan")}]
)
def test_optional_outputs_of_another_shape(more: dict[str, Any]) -> None:
    with pytest.raises(ModelError, match=next(iter(more))):
        network(more=more)


def test_of_three_points_the_middle_one_is_the_pupil() -> None:
    own = network([(0.25, 0.5), (0.5, 0.5), (0.75, 0.625)], said=SAID_OF_THREE)
    read = own.read(crops(own))
    np.testing.assert_allclose(read.pupils, [(31.5, 23.5)] * 2)
    assert read.corners is not None
    np.testing.assert_allclose(read.corners, [[(15.5, 23.5), (47.5, 29.5)]] * 2)


def test_a_mirrored_crop_leads_back_to_its_own_eye() -> None:
    """The corner at the temple is left of the right eye and right of the left one."""
    own = network([(0.25, 0.5), (0.5, 0.5), (0.75, 0.5)], said=SAID_OF_THREE)
    right, left = crops(own)
    read = own.read([right, left])
    assert read.corners is not None
    temples = [crop.to_source(c[0]) for crop, c in zip((right, left), read.corners, strict=True)]
    np.testing.assert_allclose(temples[0], FRAME.right - 0.3 * (FRAME.left - FRAME.right))
    np.testing.assert_allclose(temples[1], FRAME.left + 0.3 * (FRAME.left - FRAME.right))


def test_any_number_of_eyes_in_one_call() -> None:
    own = EyeNetwork(darkness_network(), "own.onnx")
    two = crops(own)
    assert len(own.read([]).points) == 0
    assert own.locate_all([]) == []
    single = [own.read([crop]) for crop in two]
    many = own.read(two * 75)
    assert many.points.shape == (150, 1, 2)
    for row in range(150):
        np.testing.assert_allclose(many.points[row], single[row % 2].points[0], atol=1e-4)
        np.testing.assert_allclose(many.openness[row], single[row % 2].openness[0], atol=1e-6)


def test_the_steps_show_a_mirrored_eye_as_it_is_in_the_picture() -> None:
    own = network([(0.25, 0.5)])
    _, left = crops(own)
    steps = Steps()
    own.locate(left, steps)
    (_, eye), (title, _), (_, result) = steps.pictures
    np.testing.assert_array_equal(eye, left.pixels[:, ::-1])
    assert title == "grey, mirrored"
    marked = np.argwhere((result == (0, 255, 0)).all(axis=2)).mean(axis=0)
    np.testing.assert_allclose(marked, (23.5, 63 - 15.5), atol=0.6)


def drawn(places: Sequence[tuple[float, float]]) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """A bright picture with a dark spot at each place."""
    rows, columns = np.indices((200, 300))
    picture = np.full((200, 300), 250.0)
    for x, y in places:
        squares = (columns - x) ** 2 + (rows - y) ** 2
        picture -= 240 * np.exp(-squares / (2 * 4.0**2))
    return np.repeat(picture.clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)


class Corners:
    """Says of every face in turn what it was given as its eyes."""

    name, scheme, count = "given", "dlib-5", 5

    def __init__(self, frames: Sequence[EyeFrame]) -> None:
        # Left eye's outer and inner corner, the right eye's, and the nose.
        away = np.array([4.0, 0])
        self._points = np.array(
            [
                [f.left + away, f.left - away, f.right - away, f.right + away, f.right]
                for f in frames
            ],
            np.float32,
        ).reshape(-1, 5, 2)

    def find(self, _: object, faces: Faces) -> np.ndarray[Any, np.dtype[np.float32]]:
        return self._points[: len(faces)]


def faces(count: int) -> Faces:
    return Faces(
        np.tile(np.array([10, 10, 290, 190], np.float32), (count, 1)), np.ones(count, np.float32)
    )


def test_a_finder_leads_the_spots_of_both_eyes_back_to_the_picture() -> None:
    spots = [(100.25, 80.5), (160.75, 84.0)]
    frame = EyeFrame(np.array([102.0, 82.0]), np.array([159.0, 83.0]))
    finder = NetworkPupilFinder(EyeNetwork(darkness_network(), "own.onnx"), Corners([frame]))
    eyes = finder.find(drawn(spots), faces(1))
    assert eyes.found.all()
    np.testing.assert_allclose(eyes.centres[0], spots, atol=0.3)
    assert finder.name == "own.onnx"


def test_eyes_that_are_refused_do_not_move_those_of_others() -> None:
    """Of three faces one is tiny, and one has its left eye beyond the edge."""
    spots = [(60.0, 80.0), (110.0, 80.0), (250.0, 120.0)]
    pairs = [((110, 150), (112, 150)), (spots[2], (302, 120)), (spots[0], spots[1])]
    frames = [EyeFrame(np.array(r, np.float64), np.array(left, np.float64)) for r, left in pairs]
    finder = NetworkPupilFinder(EyeNetwork(darkness_network(), "own.onnx"), Corners(frames))
    eyes = finder.find(drawn(spots), faces(3))
    assert eyes.found.tolist() == [[False, False], [True, False], [True, True]]
    assert eyes.reasons[0] == ("the eyes are less than 6 pixels apart",) * 2
    assert eyes.reasons[1] == ("", "outside the picture")
    np.testing.assert_allclose(eyes.centres[eyes.found], [spots[2], *spots[:2]], atol=0.3)


def test_what_is_hidden_gets_no_point_but_its_openness() -> None:
    own = network(visible=0.49, openness=0.125)
    steps = Steps()
    located = own.locate(crops(own)[1], steps)
    assert located.point is None
    assert located.reason == "no eye to be seen: closed or hidden"
    assert (located.openness, located.confidence) == (0.125, 0)
    assert [title for title, _ in steps.pictures] == ["eye", "grey, mirrored", located.reason]
    finder = NetworkPupilFinder(own, Corners([FRAME]))
    eyes = finder.find(astronaut(), faces(1))
    assert not eyes.found.any()
    np.testing.assert_array_equal(eyes.openness, [[0.125] * 2])
    assert network(visible=0.5).locate(crops(own)[0]).point is not None


def readings(visible: float, spread: float) -> EyeReadings:
    one = np.ones(1)
    return EyeReadings(np.zeros((1, 1, 2)), one, one * visible, one * spread)


@given(st.floats(0, 1), st.floats(0, 1e3), st.floats(0, 1e3))
def test_confidence_falls_with_the_expected_error(visible: float, a: float, b: float) -> None:
    small, large = sorted((a, b))
    sure, unsure = (float(readings(visible, s).confidence[0]) for s in (small, large))
    assert 0 <= unsure <= sure <= visible


def test_confidence_is_the_share_of_normal_errors_that_are_near() -> None:
    assert readings(0.9, 0.0).confidence[0] == pytest.approx(0.9)
    draw = np.random.default_rng(0).normal(size=(200_000, 2))
    lengths = np.hypot(*draw.T)
    lengths *= 0.04 / lengths.mean()
    expected = 0.9 * float((lengths <= 0.05).mean())
    assert readings(0.9, 0.04).confidence[0] == pytest.approx(expected, abs=0.005)


def broken(model: bytes) -> str:
    with pytest.raises(ModelError) as caught:
        EyeNetwork(model, "own.onnx")
    assert "own.onnx" in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_files_that_onnxruntime_cannot_run() -> None:
    whole = constant_network()
    for model in (b"", b"rubbish", whole[: len(whole) // 2]):
        with pytest.raises(ModelCorruptError, match="damaged or no ONNX file"):
            EyeNetwork(model, "own.onnx")


def test_a_truncated_copy_of_the_shipped_file() -> None:
    model = locate("closeup-pupils", PACKAGES_ONLY).read_bytes()
    with pytest.raises(ModelCorruptError, match=r"onnxruntime cannot run own\.onnx"):
        EyeNetwork(model[:-1000], "own.onnx")


def test_outputs_of_another_shape() -> None:
    assert "'points' is (2, 3, 2) for two eyes, not (2, 1, 2)" in broken(
        constant_network([(0.5, 0.5)] * 3)
    )
    assert "not (2, 3, 2)" in broken(constant_network(said=SAID_OF_THREE))
    assert "not (2, 1, 2)" in broken(constant_network([(0.5, 0.5, 0.5)]))


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_outputs_that_are_no_numbers(value: float) -> None:
    assert "'spread' is no number" in broken(constant_network(spread=value))
    assert "'points' is no number" in broken(constant_network([(0.5, value)]))


def test_an_input_of_another_type() -> None:
    assert "uint8" in broken(constant_network(dtype=TensorProto.FLOAT))


def test_the_shipped_file_has_the_form_that_it_must_have() -> None:
    model = locate("closeup-pupils", PACKAGES_ONLY).read_bytes()
    assert len(model) <= 1_500_000
    own = EyeNetwork(model, "closeup-pupils", "network")
    read = own.read(crops(own))
    assert read.points.shape[0] == 2
    for values in (read.openness, read.visible):
        assert np.all((values >= 0) & (values <= 1))
    assert np.all(read.spread > 0)


def test_the_nearer_eye_of_a_face_that_is_turned_far_is_told() -> None:
    """Where darkness is refused; a nose beyond the eye is a profile for all."""
    points = np.array([[FRAME.right, FRAME.left, FRAME.left, (0, 0), (0, 0)]], np.float32)
    turned = replace(faces(1), landmarks=points)
    finder = NetworkPupilFinder(network(), Corners([FRAME]))
    assert finder.find(astronaut(), turned).found.all()
    points[0, 2, 0] += 10
    assert finder.find(astronaut(), turned).reasons == (("the face is in profile",) * 2,)
