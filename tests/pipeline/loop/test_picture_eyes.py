"""Eyes in crops, in photos, and in the frames of a video."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
import pytest

from closeup.errors import ImageError
from closeup.files.passed_over import PassedOver
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.pipeline.loop.picture_eyes import (
    EyesOfCrops,
    EyesOfFaces,
    EyesOfItems,
    measure_items,
)
from closeup.progress import Silent
from closeup.pupils.eye_crops import normalised
from closeup.pupils.network import EyeNetwork
from closeup.settings import Settings
from closeup.store.label_records import StoredItem
from tests.datasets.eyes.drawn_eyes import draw_eyes
from tests.kept_models import kept
from tests.listening import Listener
from tests.pupil_networks import constant_network, darkness_network
from tests.real_photos import astronaut

MIDDLE = (31.5, 23.5)


@dataclass
class Drawn:
    """Reads frames, in each of which a disc is at a place; other frames do not exist."""

    places: Mapping[int, tuple[float, float]]

    def is_there(self, item: StoredItem) -> bool:  # noqa: ARG002
        return True

    def read(self, item: StoredItem) -> RGBImage:
        if item.frame is None or item.frame not in self.places:
            raise ImageError(f"there is no frame {item.frame}", "missing")
        size = Size(64, 48)
        place = normalised(np.array([self.places[item.frame]]), size)
        return np.asarray(draw_eyes(place, size)[0], np.uint8)


def frames(*numbers: int) -> list[StoredItem]:
    return [StoredItem(10 + n, "film.mp4", n, None, n) for n in numbers]


def measured(
    places: Mapping[int, tuple[float, float]], *numbers: int, listener: Listener | None = None
) -> EyesOfItems:
    passed = PassedOver(listener or Silent(), noun="picture")
    network = EyeNetwork(darkness_network(), "dark.onnx")
    found = measure_items(
        frames(*numbers), Drawn(places), EyesOfCrops(1.2), [network], Silent(), passed
    )
    passed.say_sum()
    return found


def test_a_pupil_that_jumps_for_one_frame() -> None:
    eyes = measured({1: MIDDLE, 2: (36.5, 23.5), 3: MIDDLE}, 2)
    (eye,) = eyes.of(frames(2)[0])
    # The network finds the middle of all that is dark, so less than the 5 pixels of the disc.
    assert 0.2 * 5 / 53 < eyes.jump(frames(2)[0], eye) <= 5 / 53


def test_a_pupil_that_moves_evenly_does_not_jump() -> None:
    eyes = measured({n: (28 + 2.0 * n, 23.5) for n in range(5)}, 1, 2)
    for item in frames(1, 2):
        assert eyes.jump(item, eyes.of(item)[0]) < 0.006


def test_the_first_and_the_last_frame_have_one_neighbour() -> None:
    listener = Listener()
    eyes = measured(dict.fromkeys(range(3), MIDDLE), 0, 2, listener=listener)
    for item in frames(0, 2):
        assert np.isnan(eyes.jump(item, eyes.of(item)[0]))
    assert listener.lines == [], "neighbours that do not exist are not left out"


def test_a_picture_that_is_gone_is_counted() -> None:
    listener = Listener()
    eyes = measured({0: MIDDLE}, 0, 5, listener=listener)
    assert eyes.of(frames(5)[0]) == []
    assert listener.lines == [
        "there is no frame 5; it is left out",
        "1 picture passed over: 1 missing",
    ]


def test_a_label_belongs_to_its_eye_however_wrong_it_is() -> None:
    eyes = measured({0: MIDDLE}, 0)
    assert eyes.at(frames(0)[0], "pupil", np.array([-60.0, 0])) == 0
    assert eyes.at(frames(0)[0], "right_eye", np.array(MIDDLE)) is None


@pytest.fixture
def finder(settings: Settings) -> EyesOfFaces:
    models = kept(settings)
    return EyesOfFaces(models.detector("yunet-n"), models.landmarker("dlib-5-points"))


def test_the_eyes_of_a_face(finder: EyesOfFaces) -> None:
    """Cut out, the middle between the corners is in the middle of the crop."""
    right, left = finder.find(astronaut())
    assert (right.point, left.point) == ("right_eye", "left_eye")
    network = EyeNetwork(constant_network(), "middle.onnx")
    for eye, place in ((right, (203, 103)), (left, (246, 105))):
        crop = eye.cut(network.shape)
        assert crop.mirrored == (eye is left)
        middle = crop.to_source((np.array(crop.pixels.shape[1::-1]) - 1) / 2)
        np.testing.assert_allclose(middle, place, atol=5)


def test_faces_in_the_background_are_left_out(finder: EyesOfFaces) -> None:
    """Beside the portrait stands the same one at 0.7 of its size, then at 0.4."""
    for scale, count in ((0.7, 4), (0.4, 2)):
        large = astronaut()
        small = np.zeros_like(large)
        side = round(scale * len(large))
        small[:side, :side] = cv2.resize(large, (side, side), interpolation=cv2.INTER_AREA)
        both = np.hstack([large, small])
        assert len(finder.detector.detect(both)) == 2
        assert len(finder.find(both)) == count


def test_a_picture_without_a_face(finder: EyesOfFaces) -> None:
    assert finder.find(np.full((120, 160, 3), 90, np.uint8)) == []
