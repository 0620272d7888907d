from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.typing import NDArray

from closeup.geometry import Box, Size
from closeup.synthesis.rendering import face_box, shown
from closeup.synthesis.sprites import Patch, Sprite, draw, over, premultiplied

FRAME = (240, 320, 3)


def marker() -> Sprite:
    """A transparent picture with an opaque green rectangle for a face."""
    rgb = np.zeros((120, 100, 3), np.uint8)
    alpha = np.zeros((120, 100), np.uint8)
    rgb[30:90, 20:60] = 0, 255, 0
    alpha[30:90, 20:60] = 255
    return Sprite(premultiplied(rgb, alpha), Box(19.5, 29.5, 59.5, 89.5))


def found(frame: NDArray[np.uint8]) -> Box:
    """Edges of the green area, where its coverage passes one half."""
    covered = frame[..., 1].astype(float) / 255
    columns, rows = covered.max(axis=0), covered.max(axis=1)
    x, y = np.flatnonzero(columns > 0.02), np.flatnonzero(rows > 0.02)
    left, right = x[0] + 0.5 - columns[x[0]], x[-1] - 0.5 + columns[x[-1]]
    top, bottom = y[0] + 0.5 - rows[y[0]], y[-1] - 0.5 + rows[y[-1]]
    return Box(left, top, right, bottom)


def assert_close(a: Box, b: Box, tolerance: float) -> None:
    edges = [(a.x1, b.x1), (a.y1, b.y1), (a.x2, b.x2), (a.y2, b.y2)]
    assert max(abs(p - q) for p, q in edges) < tolerance, (a, b)


@settings(max_examples=60)
@given(
    x=st.floats(90, 230),
    y=st.floats(90, 150),
    height=st.floats(8, 110),
    stretch=st.floats(0.55, 1.0),
    mirrored=st.booleans(),
)
def test_the_truth_is_what_is_drawn(
    x: float, y: float, height: float, stretch: float, mirrored: bool
) -> None:
    frame = np.zeros(FRAME, np.uint8)
    sprite = marker()
    matrix = sprite.placed(x, y, height, -stretch if mirrored else stretch)
    assert draw(frame, sprite, matrix) is not None
    assert_close(face_box(sprite, matrix), found(frame), 1.0)


@settings(max_examples=20)
@given(tilt=st.floats(-0.06, 0.06))
def test_a_tilt_keeps_the_middle_of_the_face(tilt: float) -> None:
    frame = np.zeros(FRAME, np.uint8)
    sprite = marker()
    matrix = sprite.placed(150.0, 110.0, 90.0, tilt=tilt)
    draw(frame, sprite, matrix)
    assert found(frame).centre == pytest.approx((150.0, 110.0), abs=0.7)
    assert face_box(sprite, matrix).centre == pytest.approx((150.0, 110.0))


def test_a_face_at_its_own_size_is_copied_exactly() -> None:
    frame = np.full(FRAME, 9, np.uint8)
    sprite = marker()
    draw(frame, sprite, sprite.placed(100 + 39.5, 60 + 59.5, 60.0))
    expected = np.full(FRAME, 9, np.uint8)
    expected[90:150, 120:160] = 0, 255, 0
    np.testing.assert_array_equal(frame, expected)


def test_outside_the_frame_nothing_is_drawn() -> None:
    frame = np.full(FRAME, 9, np.uint8)
    sprite = marker()
    assert draw(frame, sprite, sprite.placed(900.0, 60.0, 60.0)) is None
    assert (frame == 9).all()


def test_half_transparent_paint_mixes() -> None:
    below = premultiplied(np.full((1, 1, 3), 200, np.uint8), np.full((1, 1), 255, np.uint8))
    above = premultiplied(np.full((1, 1, 3), 100, np.uint8), np.full((1, 1), 128, np.uint8))
    assert over(below, above)[0, 0] == pytest.approx([150, 150, 150, 255], abs=1)


def test_a_sprite_needs_alpha() -> None:
    with pytest.raises(ValueError, match=r"must have shape \(h, w, 4\)"):
        Sprite(np.zeros((5, 5, 3), np.uint8), Box(0, 0, 4, 4))


@pytest.mark.parametrize(
    ("box", "share"),
    [
        (Box(10, 10, 30, 50), 1.0),
        (Box(-10, 10, 10, 50), 0.5),
        (Box(90, 70, 110, 90), 0.25),
        (Box(-30, 10, -5, 50), 0.0),
    ],
)
def test_the_shown_share_ends_at_the_frame(box: Box, share: float) -> None:
    assert shown(box, Size(100, 80), []) == pytest.approx(share, abs=0.01)


def test_nearer_performers_hide_once_where_they_overlap() -> None:
    box = Box(10, 10, 50, 50)
    left = Patch(0, 0, np.full((80, 20), 255, np.uint8))
    top = Patch(0, 0, np.full((20, 80), 255, np.uint8))
    ghost = Patch(0, 0, np.full((80, 100), 40, np.uint8))
    assert shown(box, Size(100, 80), [left]) == pytest.approx(0.75)
    assert shown(box, Size(100, 80), [left, top, ghost]) == pytest.approx(0.75 * 0.75)
