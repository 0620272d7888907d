"""Heads at any roll: the search of turned pictures, and what becomes of its faces."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.detection.any_rotation import AnyRotation
from closeup.detection.hog import HogDetector
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import centres_of, sides_of
from closeup.landmarks.dlib_points import DlibLandmarker
from closeup.landmarks.rolls import RollFinder
from closeup.opening import open_detector
from closeup.progress import Silent
from closeup.protocols import FaceDetector
from closeup.settings import Settings
from tests.real_photos import astronaut, dlib_file, hopper
from tests.turned_photos import turned


class Arrows(FaceDetector):
    """Finds a red square above a green one, of 4 pixels each: a head that is upright."""

    name = "arrows"
    reliable_height = 8

    def __init__(self) -> None:
        self.calls = 0

    def detect(self, image: RGBImage) -> Faces:
        self.calls += 1
        red, green = ((image[..., channel] > 200) for channel in (0, 1))
        ys, xs = np.nonzero(red[:-4] & green[4:])
        if not len(xs):
            return Faces.of(np.empty((0, 4)), [], np.empty((0, 5, 2)))
        x1, y1 = xs.min() - 0.5, ys.min() - 0.5
        points = [[(x1, y1), (x1 + 4, y1), (x1 + 2, y1 + 4), (x1, y1 + 8), (x1 + 4, y1 + 8)]]
        return Faces.of([[x1, y1, x1 + 4, y1 + 8]], [0.9], points)


def arrow(width: int, height: int, x: int, y: int) -> RGBImage:
    image = np.zeros((height, width, 3), np.uint8)
    image[y : y + 4, x : x + 4, 0] = 255
    image[y + 4 : y + 8, x : x + 4, 1] = 255
    return image


class Judge:
    """Says 0 of the first faces that are shown, and the roll given of all others."""

    def __init__(self, first: float, others: float) -> None:
        self._rolls = [first]
        self._others = others

    def __call__(self, _: RGBImage, faces: Faces) -> Faces:
        roll = self._rolls.pop() if self._rolls and len(faces) else self._others
        return faces.with_columns(rolls=np.full(len(faces), roll, np.float32))


@given(
    st.integers(0, 3),
    st.integers(0, 40),
    st.integers(0, 30),
    st.integers(9, 30),
    st.integers(9, 30),
)
def test_faces_of_turned_pictures_are_turned_back(
    quarters: int, x: int, y: int, right: int, below: int
) -> None:
    upright = arrow(x + right, y + below, x, y)
    expected = Arrows().detect(upright)
    image = np.ascontiguousarray(np.rot90(upright, -quarters))
    faces = AnyRotation(Arrows(), Judge(90.0, 90.0), always=True).detect(image)
    assert len(faces) == 1
    turn = turned(upright, 90 * quarters)[1]
    assert faces.landmarks is not None
    assert expected.landmarks is not None
    np.testing.assert_allclose(faces.landmarks, turn.apply(expected.landmarks), atol=1e-3)
    np.testing.assert_allclose(
        centres_of(faces.boxes), turn.apply(centres_of(expected.boxes)), atol=1e-3
    )


def test_a_picture_with_an_upright_head_is_searched_once() -> None:
    detector = Arrows()
    AnyRotation(detector, Judge(0.0, 0.0)).detect(arrow(40, 40, 10, 10))
    assert detector.calls == 1
    AnyRotation(detector, Judge(0.0, 0.0), always=True).detect(arrow(40, 40, 10, 10))
    assert detector.calls == 5


def test_a_head_of_unknown_roll_stays_unless_a_turn_shows_it_upright() -> None:
    lying = Judge(np.nan, np.nan)
    faces = AnyRotation(Arrows(), lying).detect(arrow(40, 40, 10, 10))
    assert faces.lying.tolist() == [True]
    nobody = AnyRotation(Arrows(), Judge(np.nan, np.nan)).detect(
        np.ascontiguousarray(np.rot90(arrow(40, 40, 10, 10)))
    )
    assert len(nobody) == 0, "nothing is known of what only a turned picture shows"


def test_pictures_without_a_pixel() -> None:
    empty = np.zeros((0, 5, 3), np.uint8)
    rolls = RollFinder(HogDetector(), DlibLandmarker(dlib_file("dlib-5-points")))
    assert len(AnyRotation(HogDetector(), rolls.find).detect(empty)) == 0


@pytest.fixture(params=["yunet-n", "closeup", "hog"])
def bare(request: pytest.FixtureRequest, shared_models: Path) -> FaceDetector:
    settings = Settings(shared_models, Path("no such folder"))
    return open_detector(request.param, settings=settings, progress=Silent(), threads=1)


def any_rotation(detector: FaceDetector, *, always: bool = False) -> FaceDetector:
    rolls = RollFinder(detector, DlibLandmarker(dlib_file("dlib-5-points")))
    return AnyRotation(detector, rolls.find, always=always)


@pytest.mark.parametrize("degrees", [90, 180, 205, 270])
def test_turned_photos(bare: FaceDetector, degrees: int) -> None:
    image, turn = turned(hopper(), degrees)
    centre = turn.apply(centres_of(bare.detect(hopper()).boxes[:1]))
    found = any_rotation(bare).detect(image)
    apart = np.linalg.norm(centres_of(found.boxes) - centre, axis=1)
    (face,) = found[apart < 0.25 * sides_of(found.boxes).max(axis=1)]
    assert face.rolls is not None
    assert abs((face.rolls[0] - degrees + 180) % 360 - 180) < 15
    assert (np.diff(found.scores) <= 0).all()


def test_a_lying_head_beside_an_upright_one(bare: FaceDetector) -> None:
    lying = np.rot90(hopper(), 1)
    height = max(len(lying), 512)
    both = np.zeros((height, 512 + lying.shape[1], 3), np.uint8)
    both[:512, :512] = astronaut()
    both[: len(lying), 512:] = lying
    faces = any_rotation(bare, always=True).detect(both)
    assert faces.rolls is not None
    large = faces[sides_of(faces.boxes).min(axis=1) > 60]
    large = large[np.arange(2)]  # after these there may be false ones
    assert large.rolls is not None
    right = centres_of(large.boxes)[:, 0] > 512
    assert np.abs(large.rolls + 90 * right).max() < 15
    assert sorted(right.tolist()) == [False, True]
