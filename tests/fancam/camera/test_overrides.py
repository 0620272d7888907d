from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.typing import NDArray

from closeup.camera_path import CameraPath, View
from closeup.fancam.camera.framing import CropSpace
from closeup.fancam.camera.overrides import EASE, CropOverride, with_overrides
from closeup.geometry import Size

SPACE = CropSpace(Size(1920, 1080), Size(606, 1080))
TIMES: NDArray[np.float64] = np.arange(100) / 25


def still(view: View = View.CLOSE) -> CameraPath:
    windows = np.tile([900.0, 500.0, 400.0], (100, 1))
    return CameraPath(SPACE.output, windows, np.full(100, view, np.uint8))


def test_the_crop_holds_the_box_while_it_lasts_and_not_a_frame_longer() -> None:
    row = CropOverride(1.0, 2.0, 850, 300, 1050, 700)
    path = with_overrides(still(View.WIDE), TIMES, [], SPACE, [row])
    held = path.views == View.CLOSE
    assert np.flatnonzero(held).tolist() == list(range(25, 50))
    boxes = path.boxes()[held]
    assert np.all(boxes[:, :2] <= [850, 300])
    assert np.all(boxes[:, 2:] >= [1050, 700])
    np.testing.assert_allclose(path.windows[held], [[950, 500, 400]] * 25)


def test_a_wide_box_makes_the_crop_higher() -> None:
    row = CropOverride(1.0, 2.0, 700, 500, 1100, 520)
    window = with_overrides(still(), TIMES, [], SPACE, [row]).windows[30]
    assert window[2] * SPACE.aspect == pytest.approx(400)


def test_a_box_at_the_border_slides_into_the_frame() -> None:
    row = CropOverride(1.0, 2.0, -50, 0, 150, 400)
    box = with_overrides(still(), TIMES, [], SPACE, [row]).boxes()[30]
    assert box[0] == pytest.approx(-0.5)


def test_the_crop_eases_in_and_out() -> None:
    row = CropOverride(1.6, 2.4, 900, 350, 1050, 750)
    path = with_overrides(still(), TIMES, [], SPACE, [row])
    x = path.windows[:, 0]
    assert np.all(np.diff(x[:41]) >= 0)
    assert np.all(np.diff(x[59:]) <= 0)
    assert np.abs(np.diff(x)).max() < 2.5 * (975 - 900) / (EASE * 25)
    np.testing.assert_array_equal(path.windows[TIMES < 1.6 - EASE], still().windows[:28])
    np.testing.assert_array_equal(path.windows[80:], still().windows[80:])


@pytest.mark.parametrize("cut", [35, 40])
def test_easing_does_not_cross_a_cut(cut: int) -> None:
    row = CropOverride(1.6, 2.4, 900, 350, 1050, 750)
    path = with_overrides(still(), TIMES, [cut], SPACE, [row])
    np.testing.assert_array_equal(path.windows[:cut], still().windows[:cut])


def test_easing_leaves_other_views_alone() -> None:
    views = np.where(np.arange(100) < 38, View.WIDE, View.CLOSE).astype(np.uint8)
    before = CameraPath(SPACE.output, still().windows, views)
    path = with_overrides(before, TIMES, [], SPACE, [CropOverride(1.6, 2, 900, 350, 1050, 750)])
    np.testing.assert_array_equal(path.views, views)
    np.testing.assert_array_equal(path.windows[:38], still().windows[:38])


def test_a_far_crop_is_jumped_to() -> None:
    row = CropOverride(1.6, 2.4, 1700, 350, 1850, 750)
    path = with_overrides(still(), TIMES, [], SPACE, [row])
    np.testing.assert_array_equal(path.windows[:40], still().windows[:40])
    np.testing.assert_array_equal(path.windows[60:], still().windows[60:])


def test_the_later_row_counts_and_both_stay_exact() -> None:
    rows = [
        CropOverride(1.0, 2.0, 850, 300, 1050, 700),
        CropOverride(1.6, 2.4, 900, 350, 1050, 750),
    ]
    path = with_overrides(still(), TIMES, [], SPACE, rows)
    np.testing.assert_allclose(path.windows[25:40], [[950, 500, 400]] * 15)
    np.testing.assert_allclose(path.windows[40:60], [[975, 550, 400]] * 20)


@pytest.mark.parametrize(
    "row",
    [
        CropOverride(2, 2, 0, 0, 9, 9),
        CropOverride(1, 2, 9, 0, 9, 9),
        CropOverride(1, 2, 0, 9, 9, 3),
        CropOverride(1, math.nan, 0, 0, 9, 9),
        CropOverride(1, 2, 0, 0, math.inf, 9),
    ],
)
def test_an_empty_override_is_refused(row: CropOverride) -> None:
    with pytest.raises(ValueError, match="is empty; give start < end"):
        with_overrides(still(), TIMES, [], SPACE, [row])


@given(
    st.floats(0, 4),
    st.floats(0.05, 3),
    st.floats(0, 1800),
    st.floats(0, 1000),
    st.floats(1, 2500),
    st.floats(1, 1500),
)
def test_windows_stay_finite_and_in_the_frame(
    start: float, length: float, x: float, y: float, width: float, height: float
) -> None:
    row = CropOverride(start, start + length, x, y, x + width, y + height)
    path = with_overrides(still(), TIMES, [50], SPACE, [row])
    assert np.all(np.isfinite(path.windows))
    boxes = path.boxes()
    for axis, side in enumerate(SPACE.frame):
        fits = boxes[:, axis + 2] - boxes[:, axis] <= side
        assert np.all(boxes[fits, axis] >= -0.5 - 1e-6)
        assert np.all(boxes[fits, axis + 2] <= side - 0.5 + 1e-6)
