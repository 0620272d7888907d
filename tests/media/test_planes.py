from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.geometry import Size
from closeup.media.planes import Halvings, Plane

SIDES = st.integers(1, 90)


def smooth(height: int, width: int) -> Plane:
    """A plane whose brightness rises from corner to corner."""
    rows, columns = np.mgrid[:height, :width]
    return np.asarray(20 + 200 * (rows / height + columns / width) / 2, np.uint8)


@given(SIDES, SIDES, st.data())
def test_every_smaller_size_shows_the_same(height: int, width: int, data: st.DataObject) -> None:
    size = Size(data.draw(st.integers(1, width)), data.draw(st.integers(1, height)))
    plane = smooth(height, width)
    shrunk = Halvings(plane).shrunk(size)
    assert Size.of(shrunk) == size
    expected = cv2.resize(plane, size, interpolation=cv2.INTER_AREA)
    # A bilinear step may differ from the mean by part of the step between two pixels.
    step = 100 * (1 / size.width + 1 / size.height)
    assert np.abs(shrunk.astype(int) - expected).max() <= 2 + step


def test_sizes_are_independent_of_each_other() -> None:
    plane = np.random.default_rng(0).integers(0, 256, (270, 481), np.uint8)
    sizes = [Size(481, 270), Size(100, 200), Size(60, 33), Size(1, 1), Size(241, 135)]
    kept = Halvings(plane)
    for size in [*sizes, *sizes]:
        assert np.array_equal(kept.shrunk(size), Halvings(plane).shrunk(size))


def test_no_pixel_is_skipped() -> None:
    plane = np.zeros((64, 64), np.uint8)
    plane[::2, ::2] = 255
    assert Halvings(plane).shrunk(Size(6, 6)) == pytest.approx(64, abs=2)
    uneven = Halvings(np.repeat(plane, 2, axis=1)).shrunk(Size(100, 4))
    assert uneven.mean() == pytest.approx(64, abs=4)


def test_the_plane_itself_is_not_copied() -> None:
    plane = smooth(8, 6)
    assert Halvings(plane).shrunk(Size(6, 8)) is plane
