from __future__ import annotations

import numpy as np
import pytest

from closeup.geometry import Size
from closeup.media.orientation import Orientation

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
