import numpy as np
import pytest

from closeup.faces import Faces
from closeup.pupils.eye_frame import EyeFrame
from closeup.pupils.visibility import OUTSIDE, Demands, why_hidden, why_unclear, within
from tests.pupils.drawn_eye import as_crop, drawn_eye

PICTURE = np.zeros((100, 200, 3), np.uint8)
FRONT = np.array([[(80, 50), (120, 50), (100, 70), (85, 90), (115, 90)]], np.float32)


def face(points: np.ndarray[tuple[int, ...], np.dtype[np.float32]] | None = None) -> Faces:
    return Faces(np.array([[70, 20, 130, 100]], np.float32), np.ones(1, np.float32), points)


def frame(right: tuple[float, float], left: tuple[float, float]) -> EyeFrame:
    return EyeFrame(np.array(right), np.array(left))


def test_a_face_from_the_front_is_seen() -> None:
    here = frame((80, 50), (120, 50))
    assert why_hidden(PICTURE, face(FRONT), here) == ("", "")
    assert why_hidden(PICTURE, face(), here) == ("", "")


def test_a_profile_is_not() -> None:
    points = FRONT.copy()
    points[0, 2] = (121, 70)
    right, left = why_hidden(PICTURE, face(points), frame((80, 50), (120, 50)))
    assert right == left == "the face is in profile"


def test_a_method_may_demand_less() -> None:
    points = FRONT.copy()
    points[0, 2] = (121, 70)
    here, patient = frame((80, 50), (120, 50)), Demands(profile=1.1, apart=0.5, contrast=0)
    assert why_hidden(PICTURE, face(points), here, patient) == ("", "")
    points[0, 2] = (123, 70)
    assert why_hidden(PICTURE, face(points), here, patient)[0] == "the face is in profile"
    wrong = frame((80, 64), (120, 50))
    assert why_hidden(PICTURE, face(FRONT), wrong)[1] == "the corners of the eye cannot be found"
    assert why_hidden(PICTURE, face(FRONT), wrong, patient) == ("", "")
    assert why_unclear(as_crop(np.zeros((60, 80, 3), np.uint8)), patient) == ""


def test_tiny_eyes_are_not() -> None:
    right, left = why_hidden(PICTURE, face(), frame((80, 50), (84, 50)))
    assert right == left == "the eyes are less than 6 pixels apart"


@pytest.mark.parametrize("right", [(-5, 50), (2, 50), (80, -1), (80, 98)])
def test_an_eye_that_is_cut_off_is_not_and_the_other_one_is(right: tuple[float, float]) -> None:
    assert why_hidden(PICTURE, face(), frame(right, (120, 50))) == (OUTSIDE, "")


def test_within_a_picture_is_as_far_as_its_pixels_go() -> None:
    for place in [(-0.5, -0.5), (199.5, 99.5), (0, 50)]:
        assert within(PICTURE, np.array(place))
    for place in [(-0.6, 0), (0, 99.6), (200, 5)]:
        assert not within(PICTURE, np.array(place))
    assert not within(PICTURE, np.array([3.0, 50.0]), margin=4)
    assert not within(PICTURE, np.array([np.nan, 50.0]))


def test_an_eye_is_clear_and_what_covers_it_is_not() -> None:
    crop = drawn_eye()
    assert why_unclear(crop) == ""
    height, width = crop.pixels.shape[:2]
    for colour in [(12, 12, 14), (200, 160, 140)]:
        covered = crop.pixels.copy()
        middle = covered[height // 2 - 20 : height // 2 + 20, width // 2 - 26 : width // 2 + 26]
        noise = np.random.default_rng(0).normal(0, 2, middle.shape)
        middle[:] = np.clip(np.array(colour) + noise, 0, 255)
        assert "no contrast" in why_unclear(as_crop(covered))
