from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from skimage import data

from closeup.media.patches import extent, resemblance

Picture = NDArray[np.float32]


def detail(name: str, x: int = 0, y: int = 0, zoom: float = 1.0) -> Picture:
    """A view of a picture of skimage, moved by pixels of the thumbnail, without its local mean."""
    picture = cv2.cvtColor(getattr(data, name)(), cv2.COLOR_RGB2GRAY).astype(np.float32)
    small = cv2.resize(picture, (64, 43), interpolation=cv2.INTER_AREA)
    size = round(48 / zoom), round(27 / zoom)
    view = cv2.resize(cv2.getRectSubPix(small, size, (32 + x, 21 + y)), (48, 27))
    return np.asarray(view - cv2.GaussianBlur(view, (0, 0), 5), np.float32)


@pytest.mark.parametrize(("x", "y", "zoom"), [(0, 0, 1), (4, -3, 1), (-5, 0, 1), (0, 0, 1.15)])
def test_a_scene_resembles_itself_wherever_the_camera_moves(x: int, y: int, zoom: float) -> None:
    same = resemblance(detail("astronaut"), 0.3 * detail("astronaut", x, y, zoom))
    assert same > 0.85
    assert resemblance(detail("astronaut"), detail("coffee", x, y, zoom)) < 0.7


@given(
    arrays(np.float32, (12, 20), elements=st.floats(-200, 200, width=32)),
    arrays(np.float32, (12, 20), elements=st.floats(-200, 200, width=32)),
)
def test_the_resemblance_is_a_mean_correlation_of_both(a: Picture, b: Picture) -> None:
    assert -1.01 <= resemblance(a, b) <= 1.01
    assert resemblance(a, b) == pytest.approx(resemblance(b, a), abs=1e-3)


@pytest.mark.parametrize("shape", [(9, 48), (5, 48), (1, 1)])
def test_flat_and_tiny_pictures_can_be_compared(shape: tuple[int, int]) -> None:
    flat = np.zeros(shape, np.float32)
    assert resemblance(flat, flat) == pytest.approx(0)
    assert extent(np.stack([flat] * 4), 1, 2) == 0


@pytest.mark.parametrize("first", [0, 1, 4])
def test_a_change_on_one_side_has_no_extent_and_one_on_both_sides_has(first: int) -> None:
    before, after = detail("astronaut"), detail("coffee")
    half = before.copy()
    half[:, :20] = after[:, :20]
    for later, expected in ((half, False), (after, True)):
        pictures = np.stack([before] * (first + 1) + [later] * (5 - first))
        assert (extent(pictures, first, first + 1) > 0.25) == expected


def test_a_movement_that_goes_on_has_no_extent() -> None:
    pictures = np.stack([detail("astronaut", 4 * i - 6) for i in range(4)])
    assert extent(pictures, 1, 2) < 0.25
