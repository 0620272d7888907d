from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, strategies as st

from closeup.detection.letterbox import Letterbox
from closeup.geometry import Size
from closeup.labels import PictureLabels
from closeup.training.detection.tiles import (
    GREY,
    CanvasArea,
    Least,
    Tile,
    draw,
    empty_canvas,
    moved,
)
from tests.training.detection.squares import COLOURS, SIZE, squares

CANVAS = Size(128, 96)


@st.composite
def tiles(draw_: st.DrawFn) -> Tile:
    left, top = draw_(st.integers(0, 60)), draw_(st.integers(0, 40))
    part = CanvasArea(
        left, top, draw_(st.integers(left + 20, 128)), draw_(st.integers(top + 20, 96))
    )
    inner = Size(draw_(st.integers(60, 240)), draw_(st.integers(40, 160)))
    place = st.integers(-60, 60)
    return Tile(part, inner, left + draw_(place), top + draw_(place), draw_(st.booleans()))


@given(tile=tiles(), seed=st.integers(0, 50))
@example(tile=Tile(CanvasArea(0, 0, 20, 87), Size(61, 157), 0, 1, mirrored=False), seed=0)
def test_a_square_is_where_its_box_says(tile: Tile, seed: int) -> None:
    """Up to a pixel, which resampling blurs."""
    canvas = empty_canvas(CANVAS)
    draw(canvas, tile, squares(seed)[0])
    boxes = moved(squares(seed)[1], SIZE, tile, (1, 0))

    for number, colour in enumerate(COLOURS):
        away = np.abs(canvas.astype(int) - colour).max(axis=2)
        rows, columns = np.nonzero(away < 100)
        box = boxes.boxes[boxes.classes == number]
        if not len(rows):
            assert not len(box) or (box[0, 2:] - box[0, :2]).min() < 2
            continue
        ends = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]) - 0.5
        if (box[0, 2:] - box[0, :2]).min() < 2:  # nothing but blur
            assert (ends[:2] >= box[0, :2] - 1.5).all()
            assert (ends[2:] <= box[0, 2:] + 1.5).all()
            continue
        np.testing.assert_allclose(box[0], ends, atol=1.5)


@given(tile=tiles(), seed=st.integers(0, 50))
def test_points_stay_at_the_corners_of_their_box(tile: Tile, seed: int) -> None:
    """Left and right are exchanged in a mirror, and so are the names of the two points."""
    before = squares(seed)[1]
    after = moved(before, SIZE, tile, (1, 0))
    wide = Tile(
        CanvasArea(-1000, -1000, 1000, 1000), tile.inner, tile.left, tile.top, tile.mirrored
    )
    uncut = moved(before, SIZE, wide, (1, 0))

    np.testing.assert_allclose(uncut.points[:, 0, :2], uncut.boxes[:, :2], atol=1e-3)
    np.testing.assert_allclose(uncut.points[:, 1, 0], uncut.boxes[:, 2], atol=1e-3)
    part = tile.part
    for box, points in zip(after.boxes, after.points, strict=True):
        for (x, y, seen), corner in zip(points, (box[:2], box[[2, 1]]), strict=True):
            assert seen in {0, 2}
            if seen:
                np.testing.assert_allclose((x, y), corner, atol=1e-3)
                assert part.left <= x + 0.5 <= part.right
                assert part.top <= y + 0.5 <= part.bottom
            else:
                assert x == y == 0


def test_nothing_is_drawn_outside_of_the_part() -> None:
    canvas = empty_canvas(CANVAS)
    draw(canvas, Tile(CanvasArea(40, 30, 80, 60), Size(300, 200), -50, -50), squares(0)[0])

    assert (canvas[30:60, 40:80] != GREY).any(axis=2).all()
    canvas[30:60, 40:80] = GREY
    assert (canvas == GREY).all()
    draw(canvas, Tile(CanvasArea(40, 30, 80, 60), Size(20, 20), 90, 30), squares(0)[0])
    assert (canvas == GREY).all()


@given(
    width=st.integers(1, 400), height=st.integers(1, 400),
    canvas=st.sampled_from([Size(64, 64), Size(128, 96), Size(32, 160)]),
)  # fmt: skip
def test_plain_is_what_prediction_does(width: int, height: int, canvas: Size) -> None:
    size = Size(width, height)
    picture = np.random.default_rng(width).integers(0, 255, (height, width, 3), np.uint8)
    tile, letterbox = Tile.plain(size, canvas), Letterbox.centred(size, canvas)
    drawn = empty_canvas(canvas)
    draw(drawn, tile, picture)

    np.testing.assert_array_equal(drawn, letterbox.drawn(picture, (GREY, GREY, GREY)))
    box = np.array([[0.1 * width, 0.2 * height, 0.9 * width, height]], np.float32)
    labels = PictureLabels.of(box - 0.5)
    there = moved(labels, size, tile, ()).boxes
    np.testing.assert_allclose(letterbox.boxes_to_picture(there), labels.boxes, atol=1e-2)


def test_tiny_rests_are_dropped() -> None:
    boxes = np.array([[0, 0, 20, 20], [30, 0, 50, 20], [76, 0, 96, 20]], np.float32)
    labels = PictureLabels.of(boxes - 0.5, np.arange(3))
    tile = Tile(CanvasArea(0, 0, 36, 64), SIZE, 0, 0)

    assert moved(labels, SIZE, tile, ()).classes.tolist() == [0, 1]
    assert moved(labels, SIZE, tile, (), Least(0.31, 0)).classes.tolist() == [0]
    assert moved(labels, SIZE, tile, (), Least(0, 6.5)).classes.tolist() == [0]
    np.testing.assert_array_equal(moved(labels, SIZE, tile, ()).boxes[1] + 0.5, [30, 0, 36, 20])


def test_points_are_not_mirrored_without_a_way() -> None:
    tile = Tile(CanvasArea.whole(CANVAS), SIZE, 0, 0, mirrored=True)
    with pytest.raises(ValueError, match="without flip"):
        moved(squares(0)[1], SIZE, tile, ())
