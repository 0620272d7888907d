"""Networks with known outputs are written here; the contract tests the real one."""

import numpy as np
import pytest
from numpy.typing import NDArray

from closeup.errors import ModelCorruptError
from closeup.pupils.eye_crops import EyeCrop, eye_crops
from closeup.pupils.eye_frame import EyeFrame
from closeup.pupils.iris import SHAPE, IrisNetwork
from closeup.pupils.method import Steps
from tests.constant_tflite import constant_tflite

CENTRE = 30.5, 26.0
"""Of the iris, in the network's pixels from the edge of the picture."""


def lids(gap: float) -> NDArray[np.float64]:
    """Contour of an eye 30 pixels wide with lids ``gap`` pixels apart, then brows."""
    across = np.linspace(17, 47, 9)
    down = np.full(9, 30.0)
    down[1:8] += gap / 2
    upper = np.stack([np.linspace(20.75, 43.25, 7), np.full(7, 30 - gap / 2)], axis=1)
    contour = np.concatenate([np.stack([across, down], axis=1), upper, np.zeros((55, 2))])
    return np.column_stack([contour, np.zeros(71)])


def network(gap: float = 9.0) -> IrisNetwork:
    x, y = CENTRE
    iris = [(x, y, 0), (x + 5, y, 0), (x, y - 5, 0), (x - 5, y, 0), (x, y + 5, 0)]
    return IrisNetwork(constant_tflite(64, [lids(gap), iris]))


def crops() -> tuple[EyeCrop, EyeCrop]:
    """The two eyes of a face that is turned a little; the left one is mirrored."""
    noise = np.random.default_rng(0).integers(0, 256, (200, 300, 3), np.uint8)
    frame = EyeFrame(np.array([100.0, 90.0]), np.array([161.0, 101.0]))
    return eye_crops(noise, frame, SHAPE, mirror_left=True)


def test_a_crop_is_as_the_network_takes_it() -> None:
    for crop in crops():
        assert crop.pixels.shape == (64, 64, 3)


def test_the_point_is_in_the_pixels_of_the_crop() -> None:
    """For the network, the edge of the picture is at 0."""
    for crop in crops():
        located = network().locate(crop)
        assert located.point is not None
        np.testing.assert_allclose(located.point, np.array(CENTRE) - 0.5, atol=1e-5)
        assert 0.05 <= located.confidence <= 1
        assert located.openness == pytest.approx((9 / 30 - 0.1) / 0.2, abs=1e-5)


@pytest.mark.parametrize(("gap", "openness"), [(30, 1.0), (6, 0.5), (4, 1 / 6)])
def test_openness_is_the_distance_of_the_lids(gap: float, openness: float) -> None:
    assert network(gap).locate(crops()[0]).openness == pytest.approx(openness, abs=1e-5)


def test_a_closed_eye_has_no_pupil() -> None:
    located = network(2).locate(crops()[0])
    assert located.point is None
    assert (located.openness, located.reason) == (0.0, "the eye is closed")


def test_steps_show_an_eye_as_it_is_in_the_source() -> None:
    for crop, unmirrored in zip(crops(), (False, True), strict=True):
        steps = Steps()
        network().locate(crop, steps)
        assert [title for title, _ in steps.pictures] == ["eye", "lids and iris", "result"]
        np.testing.assert_array_equal(
            steps.pictures[0][1], crop.pixels[:, ::-1] if unmirrored else crop.pixels
        )
        green = np.argwhere(np.all(steps.pictures[-1][1] == (0, 255, 0), axis=2))
        x = 63 - (CENTRE[0] - 0.5) if unmirrored else CENTRE[0] - 0.5
        np.testing.assert_allclose(green.mean(axis=0), [CENTRE[1] - 0.5, x], atol=0.6)


def test_a_closed_eye_is_shown_with_its_reason() -> None:
    steps = Steps()
    network(2).locate(crops()[0], steps)
    assert steps.pictures[-1][0] == "the eye is closed"


def test_what_is_no_network() -> None:
    with pytest.raises(ModelCorruptError, match="closeup models fetch mediapipe-iris"):
        IrisNetwork(b"rubbish")
