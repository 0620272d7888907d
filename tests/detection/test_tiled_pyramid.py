import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.detection.tiled_pyramid import TiledPyramid
from closeup.geometry import Size, intersections

SIZES = st.builds(Size, st.integers(1, 4000), st.integers(1, 4000))


def edges(pyramid: TiledPyramid) -> np.ndarray:
    return np.hstack([pyramid.tiles[:, :2], pyramid.tiles[:, :2] + pyramid.tiles[:, 2:]])


def test_the_canvas_of_a_small_video_frame() -> None:
    pyramid = TiledPyramid.of(Size(640, 360))
    assert pyramid.canvas == Size(662, 1353)
    assert pyramid.tiles[:3].tolist() == [
        [11, 11, 640, 360],
        [11, 381, 533, 300],
        [11, 691, 444, 250],
    ]
    assert len(pyramid.tiles) == 22


@given(SIZES)
def test_no_tile_leaves_the_canvas_or_covers_the_picture(size: Size) -> None:
    pyramid = TiledPyramid.of(size)
    boxes = edges(pyramid)
    assert np.all(boxes >= 0)
    assert np.all(boxes[:, 2:] <= pyramid.canvas)
    assert not intersections(boxes[:1], boxes[1:]).any()


@given(st.builds(Size, st.integers(55, 4000), st.integers(1, 4000)))
def test_no_tile_covers_another(size: Size) -> None:
    """In dlib's layout of pictures narrower than that, small tiles can overlap."""
    boxes = edges(TiledPyramid.of(size))
    shared = intersections(boxes, boxes)
    np.fill_diagonal(shared, 0)
    assert not shared.any()


@given(SIZES)
def test_every_tile_is_five_sixths_of_the_one_before(size: Size) -> None:
    sides = TiledPyramid.of(size).tiles[:, 2:]
    np.testing.assert_array_equal(sides[1:], sides[:-1] * 5 // 6)
    assert sides.size == 0 or Size(*sides[0].tolist()) == size


@pytest.mark.parametrize("level", [0, 1, 5])
def test_a_box_goes_back_to_where_it_came_from(level: int) -> None:
    pyramid = TiledPyramid.of(Size(640, 360))
    left, top, width, height = pyramid.tiles[level].tolist()
    whole = np.array([[left, top, left + width - 1, top + height - 1]], np.float64)
    centre = (whole[:, :2] + whole[:, 2:]) / 2
    back = pyramid.to_picture(centre, whole)
    np.testing.assert_allclose(back, [[0, 0, 639, 359]], atol=1.5 * 1.2**level)


def test_a_centre_between_tiles_belongs_to_the_nearest() -> None:
    pyramid = TiledPyramid.of(Size(640, 360))
    left, top, _, height = pyramid.tiles[0].tolist()
    centre = np.array([[left + 100.0, top + height + 2.0]])
    box = np.hstack([centre - 5, centre + 5])
    assert pyramid.to_picture(centre, box).tolist() == [[95, 357, 105, 367]]
