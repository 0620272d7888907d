from __future__ import annotations

import numpy as np
import pytest

from closeup.geometry import Size
from closeup.media.orientation import Orientation, rotate_image
from closeup.rotation import ROTATIONS

ALL = [Orientation(t, x, y) for t in (False, True) for x in (False, True) for y in (False, True)]


@pytest.mark.parametrize("orientation", ALL)
@pytest.mark.parametrize("shape", [(4, 6), (4, 6, 3)])
def test_pixels_go_where_the_flags_say(orientation: Orientation, shape: tuple[int, ...]) -> None:
    pixels = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    expected = pixels.swapaxes(0, 1) if orientation.transposed else pixels
    expected = expected[:, ::-1] if orientation.mirrored_x else expected
    expected = expected[::-1] if orientation.mirrored_y else expected
    turned = orientation.apply(pixels)
    assert np.array_equal(turned, expected)
    size = orientation.size(Size(6, 4))
    assert turned.shape[:2] == (size.height, size.width)


def test_nothing_to_do_copies_nothing() -> None:
    pixels = np.zeros((4, 6), np.uint8)
    assert Orientation().apply(pixels) is pixels


@pytest.mark.parametrize("degrees", ROTATIONS)
@pytest.mark.parametrize("orientation", ALL)
@pytest.mark.parametrize("shape", [(4, 6), (5, 3, 3)])
def test_a_rotation_turns_the_shown_picture_clockwise(
    orientation: Orientation, degrees: int, shape: tuple[int, ...]
) -> None:
    pixels = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    shown = orientation.apply(pixels)
    expected = np.rot90(shown, -degrees // 90)
    turned = orientation.rotated(degrees)
    assert np.array_equal(turned.apply(pixels), expected)
    assert turned.size(Size.of(pixels)) == Size.of(expected)


def test_the_upper_edge_becomes_the_right_edge_at_90_degrees() -> None:
    picture = np.array([[1, 1, 1], [0, 0, 0]], np.uint8)
    assert rotate_image(picture, 90).tolist() == [[0, 1], [0, 1], [0, 1]]
    assert rotate_image(picture, 270).tolist() == [[1, 0], [1, 0], [1, 0]]
    assert rotate_image(picture, 180).tolist() == [[0, 0, 0], [1, 1, 1]]
    assert rotate_image(picture, 0) is picture


@pytest.mark.parametrize("degrees", [1, -90, 45, 360, 450])
def test_only_quarter_turns_are_rotations(degrees: int) -> None:
    with pytest.raises(ValueError, match=f"rotate is {degrees}; give 90, 180 or 270") as caught:
        Orientation().rotated(degrees)
    assert "\n" not in str(caught.value)
