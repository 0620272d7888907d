from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np
import pytest
import skimage.data
from hypothesis import given, strategies as st

from closeup.detection.hog import HogDetector
from closeup.faces import Faces
from closeup.fancam.frame_preparation import (
    FLOW_SIDE,
    Change,
    Prepared,
    change_between,
    detection_size,
    prepare,
    thumbnail_size,
)
from closeup.frames import ArrayFrame, RGBImage
from closeup.geometry import Size
from closeup.timecode import Timecode

DETECTOR = HogDetector()
SIDES = st.integers(1, 8000)


def searched(prepared: Prepared) -> bool:
    """Whether all faces were looked for in advance."""
    return prepared.key is not None and prepared.key.faces is not None


def stage(seed: int, shift: int = 0, light: float = 1.0) -> RGBImage:
    """A picture of soft shapes, moved to the right and lit."""
    noise = np.random.default_rng(seed).integers(0, 160, (24, 40, 3), np.uint8)
    picture = cv2.resize(noise, (400, 240), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(np.roll(picture, shift, axis=1) * light, 0, 255), np.uint8)


def film(pictures: list[RGBImage], first: int = 0) -> list[ArrayFrame]:
    unit = Fraction(1, 25)
    return [
        ArrayFrame(first + number, Timecode(first + number, unit), picture)
        for number, picture in enumerate(pictures)
    ]


def test_key_frames_come_at_their_distance_and_have_a_picture_to_look_in() -> None:
    prepared = list(prepare(film([stage(1, shift) for shift in range(12)]), 5, DETECTOR))
    assert [p.index for p in prepared if p.key] == [0, 5, 10]
    assert [searched(p) for p in prepared] == [True] + [False] * 11
    assert {p.change for p in prepared} == {Change.LITTLE}
    for p in prepared:
        assert p.gray.shape == (240, 400)
        assert p.thumbnail.shape == (29, 48, 3)
        if p.key is not None:
            assert p.key.picture().shape == (480, 800, 3)
            assert p.key.picture(0.5).shape == (240, 400, 3)
            assert p.key.look.bins.shape == (192, 320)
            assert p.key.look.scale == pytest.approx(0.8)


def test_faces_are_looked_for_in_the_whole_picture_now_and_then() -> None:
    astronaut = np.asarray(cv2.resize(skimage.data.astronaut(), (300, 300)), np.uint8)
    prepared = list(prepare(film([astronaut] * 11), 2, DETECTOR))
    assert [searched(p) for p in prepared] == [True] + [False] * 9 + [True]
    first = prepared[0].key
    assert first is not None
    assert first.faces is not None
    x1, y1, x2, y2 = first.faces.boxes[0]
    assert x1 < 265 < x2, "in the pixels of the enlarged picture"
    assert y1 < 150 < y2


def test_a_cut_is_a_key_frame_that_is_looked_at_in_full() -> None:
    pictures = [stage(1)] * 3 + [stage(2)] * 3
    prepared = list(prepare(film(pictures), 100, DETECTOR))
    assert [p.change for p in prepared].count(Change.PICTURE) == 1
    assert prepared[3].change is Change.PICTURE
    assert searched(prepared[3])


def test_going_on_is_the_same_as_never_having_stopped() -> None:
    frames = film([stage(1, shift, 1 + shift % 4 / 10) for shift in range(9)] + [stage(2)] * 3)
    whole = list(prepare(frames, 4, DETECTOR))
    for stop in range(1, len(frames)):
        rest = list(prepare(frames[stop:], 4, DETECTOR, whole[stop - 1].thumbnail))
        for found, expected in zip(rest, whole[stop:], strict=True):
            assert found.change is expected.change
            assert (found.key is None, searched(found)) == (
                expected.key is None,
                searched(expected),
            )
            assert np.array_equal(found.gray, expected.gray)


@pytest.mark.parametrize(
    ("after", "change"),
    [
        (stage(1, 2), Change.LITTLE),
        (stage(1, light=1.05), Change.LITTLE),
        (stage(1, light=1.6), Change.LIGHT),
        (stage(1, light=0.4), Change.LIGHT),
        (stage(2), Change.PICTURE),
    ],
)
def test_a_change_is_told_from_motion_and_light(after: RGBImage, change: Change) -> None:
    def small(picture: RGBImage) -> RGBImage:
        return np.asarray(cv2.resize(picture, (48, 29), interpolation=cv2.INTER_AREA), np.uint8)

    assert change_between(small(stage(1)), small(after)) is change


def test_black_is_no_other_picture() -> None:
    black = np.zeros((29, 48, 3), np.uint8)
    assert change_between(black, black) is Change.LITTLE
    assert change_between(black, black + np.uint8(200)) is Change.LIGHT


@given(SIDES, SIDES)
def test_sizes_keep_the_shape_and_their_bounds(width: int, height: int) -> None:
    size = Size(width, height)
    found = detection_size(size)
    assert max(found) <= max(1280, 1)
    assert found.width <= 2 * width
    assert found.height <= 2 * height
    assert min(found) >= 1
    scale = max(found) / max(size)
    assert abs(min(found) - min(size) * scale) <= 1
    thumbnail = thumbnail_size(size)
    assert thumbnail.width == 48
    assert thumbnail.height >= 9
    assert max(size.fitted(FLOW_SIDE)) <= FLOW_SIDE


class Seen(HogDetector):
    """Finds the upper left quarter of each picture, and remembers the pictures' sizes."""

    def __init__(self) -> None:
        self.sizes: list[Size] = []

    def detect(self, image: RGBImage) -> Faces:
        self.sizes.append(Size.of(image))
        height, width = image.shape[:2]
        return Faces.of([[0, 0, width / 2, height / 2]], [1.0])


@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_faces_are_detected_between_bars(scale: float) -> None:
    picture = stage(1)
    picture[:40] = picture[200:] = 0
    detector = Seen()
    (prepared,) = prepare(film([picture]), 5, detector)
    key = prepared.key
    assert key is not None
    (x1, y1, x2, y2), *_ = key.detected(detector, scale).boxes.tolist()
    ((width, height),) = {Size(round(w), round(h)) for w, h in detector.sizes[1:]}
    assert width == 800 * scale
    assert 150 <= height / scale / 2 <= 160
    assert (x1, x2) == (pytest.approx(0, abs=1), pytest.approx(400, abs=1))
    assert (y1, y2) == (pytest.approx(84, abs=4), pytest.approx(240, abs=4))
