from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.fancam.camera.framing import (
    COMPOSITIONS,
    LARGEST_ENLARGEMENT,
    CropSpace,
    centre_limits,
    inside_frame,
    required_heights,
    wanted_centres,
    wanted_heights,
)
from closeup.fancam.options import Framing
from closeup.geometry import Box, Boxes, Size

HD = CropSpace(Size(1920, 1080), Size(606, 1080))
NARROW = CropSpace(Size(1920, 1080), Size(200, 630))

sizes = st.builds(Size, st.integers(16, 4000), st.integers(16, 4000))
origins = st.tuples(st.integers(0, 400), st.integers(0, 400))
spaces = st.builds(CropSpace, sizes, sizes, origins)


def face(x: float, y: float, height: float = 100, width: float = 78) -> Boxes:
    return np.array([[x - width / 2, y - height / 2, x + width / 2, y + height / 2]], np.float32)


@st.composite
def faces_in_a_frame(draw: st.DrawFn) -> tuple[Boxes, CropSpace]:
    space = draw(spaces)
    share = st.floats(0, 1)
    count = draw(st.integers(1, 5))
    rows = []
    for _ in range(count):
        xs = sorted((draw(share), draw(share)))
        ys = sorted((draw(share), draw(share)))
        rows.append([xs[0], ys[0], max(xs[1], xs[0] + 1e-3), max(ys[1], ys[0] + 1e-3)])
    edges, origin = np.array([*space.frame, *space.frame]), np.tile(space.origin, 2)
    return (np.clip(rows, 0, 1) * edges + origin - 0.5).astype(np.float32), space


@pytest.mark.parametrize("framing", COMPOSITIONS)
def test_the_face_is_as_large_and_as_high_as_the_framing_says(framing: Framing) -> None:
    box = face(900, 400, height=90, width=70)
    height = wanted_heights(box, framing, HD)
    assert height[0] == pytest.approx(90 * COMPOSITIONS[framing].heights, rel=0.3)
    centre = wanted_centres(box, height, framing)[0]
    top = centre[1] - height[0] / 2
    assert centre[0] == pytest.approx(900)
    assert (400 - top) / height[0] == pytest.approx(COMPOSITIONS[framing].face_at)
    hair = 400 - 0.75 * 90
    assert hair - top >= COMPOSITIONS[framing].stray[1] * height[0]


def test_framings_differ_in_order() -> None:
    heights = [wanted_heights(face(900, 400), framing, HD)[0] for framing in COMPOSITIONS]
    assert heights == sorted(heights)
    assert len(set(heights)) == 3


def test_a_narrow_crop_grows_until_the_face_is_inside() -> None:
    box = face(900, 400)
    height = wanted_heights(box, Framing.FACE, NARROW)[0]
    assert height > 100 * COMPOSITIONS[Framing.FACE].heights
    assert height * NARROW.aspect == pytest.approx(1.5 * 78)


def test_a_far_face_is_not_blown_up_to_mush() -> None:
    height = wanted_heights(face(900, 400, height=12, width=9), Framing.FACE, HD)[0]
    assert height == 1080 / LARGEST_ENLARGEMENT


def test_a_small_source_is_not_left_for_a_large_output() -> None:
    space = CropSpace(Size(320, 180), Size(1080, 1920))
    assert wanted_heights(face(100, 100, height=10, width=8), Framing.FACE, space)[0] == 180


def test_there_is_nothing_to_show_beyond_the_frames_height() -> None:
    assert wanted_heights(face(900, 400, height=300, width=230), Framing.BODY, HD)[0] == 1080


def test_a_crop_slides_to_the_last_place_where_it_fits() -> None:
    windows = np.array([[10.0, 20.0, 400.0], [1900.0, 1070.0, 400.0], [900.0, 500.0, 400.0]])
    moved = inside_frame(windows, HD)
    width = 400 * HD.aspect
    np.testing.assert_allclose(moved[0], [width / 2 - 0.5, 199.5, 400])
    np.testing.assert_allclose(moved[1], [1919.5 - width / 2, 879.5, 400])
    np.testing.assert_array_equal(moved[2], windows[2])


def test_a_crop_larger_than_the_frame_is_centred_on_that_axis() -> None:
    moved = inside_frame(np.array([[10.0, 20.0, 2000.0]]), HD)
    np.testing.assert_allclose(moved[0], [2000 * HD.aspect / 2 - 0.5, 539.5, 2000])


def test_the_whole_window_holds_the_frame_and_touches_it() -> None:
    x, y, height = HD.whole
    assert (x, y) == (959.5, 539.5)
    assert height * HD.aspect == pytest.approx(1920)


@given(faces_in_a_frame(), st.sampled_from(list(COMPOSITIONS)))
def test_a_wanted_crop_can_hold_its_face(case: tuple[Boxes, CropSpace], framing: Framing) -> None:
    boxes, space = case
    heights = wanted_heights(boxes, framing, space)
    assert np.all(heights >= required_heights(boxes, space))
    lower, upper = centre_limits(boxes, heights, space)
    assert np.all(lower <= upper)
    half = space.sides(heights) / 2
    for centre in (lower, upper, (lower + upper) / 2):
        assert np.all(centre - half <= boxes[:, :2] + 0.01)
        assert np.all(centre + half >= boxes[:, 2:] - 0.01)
        moved = inside_frame(np.column_stack([centre, heights]), space)
        np.testing.assert_allclose(moved[:, :2], centre, atol=1e-6)


@given(faces_in_a_frame(), st.floats(1, 5000))
def test_limits_never_cross_even_when_the_face_does_not_fit(
    case: tuple[Boxes, CropSpace], height: float
) -> None:
    boxes, space = case
    lower, upper = centre_limits(boxes, np.full(len(boxes), height), space)
    assert np.all(lower <= upper)


@given(spaces, st.floats(-5000, 5000), st.floats(-5000, 5000), st.floats(1, 5000))
def test_a_moved_crop_is_inside_or_centred(
    space: CropSpace, x: float, y: float, height: float
) -> None:
    window = np.array([[x, y, height]])
    moved = inside_frame(window, space)
    half = space.sides(moved[:, 2])[0] / 2
    for axis in range(2):
        side, first = space.frame[axis], space.origin[axis]
        if half[axis] * 2 <= side:
            assert moved[0, axis] - half[axis] >= first - 0.5 - 1e-6
            assert moved[0, axis] + half[axis] <= first + side - 0.5 + 1e-6
        else:
            assert moved[0, axis] == first + (side - 1) / 2
    np.testing.assert_allclose(inside_frame(moved, space), moved, atol=1e-9)


def test_a_space_lies_inside_its_area() -> None:
    area = Box(-0.5, 61.5, 853.5, 417.5)
    space = CropSpace.inside(area, Size(270, 480))
    assert (space.frame, space.origin, space.area) == (Size(854, 356), (0, 62), area)
    x, y, height = space.whole
    assert (x, y) == area.centre
    assert height * space.aspect == pytest.approx(854)
