from __future__ import annotations

from fractions import Fraction

import numpy as np

from closeup.frames import ArrayFrame
from closeup.geometry import Size
from closeup.timecode import Timecode


def test_an_array_is_a_frame() -> None:
    pixels = np.zeros((40, 60, 3), np.uint8)
    pixels[..., 0] = 255
    frame = ArrayFrame(3, Timecode(3, Fraction(1, 25)), pixels)
    assert frame.size == Size(60, 40)
    assert frame.rgb() is pixels
    assert frame.rgb(Size(30, 20)).shape == (20, 30, 3)
    assert frame.gray(Size(30, 20)).shape == (20, 30)
    assert int(frame.gray()[0, 0]) == 76, "BT.601 luma of red"
