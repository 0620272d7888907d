"""Where a picture lies on the screen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.geometry import Size
from closeup.labelling.editing_view import ScreenView

sizes = st.builds(Size, st.integers(1, 4000), st.integers(1, 4000))
views = st.builds(ScreenView, st.floats(0.01, 64), st.floats(-5000, 5000), st.floats(-5000, 5000))
points = st.tuples(st.floats(-4000, 8000), st.floats(-4000, 8000))


@given(views, points)
def test_a_point_goes_to_the_screen_and_back(view: ScreenView, point: tuple[float, float]) -> None:
    assert view.to_picture(view.to_screen(point)) == pytest.approx(point, abs=1e-6)


@given(views, points)
def test_the_similarity_is_the_same_transform(view: ScreenView, point: tuple[float, float]) -> None:
    assert view.similarity.apply(np.array(point)) == pytest.approx(view.to_screen(point), abs=1e-6)


@given(sizes, sizes)
def test_the_whole_picture_fits_in_the_middle(picture: Size, screen: Size) -> None:
    view = ScreenView.fitted(picture, screen)
    first = view.to_screen((-0.5, -0.5))
    last = view.to_screen((picture.width - 0.5, picture.height - 0.5))
    for axis in (0, 1):
        assert first[axis] >= -0.5 - 1e-6
        assert last[axis] <= screen[axis] - 0.5 + 1e-6
        assert first[axis] + last[axis] == pytest.approx(screen[axis] - 1, abs=1e-6)


@given(views, st.floats(0.1, 10), points)
def test_zooming_keeps_what_is_below_the_pointer(
    view: ScreenView, factor: float, at: tuple[float, float]
) -> None:
    zoomed = view.zoomed(factor, at, least=0.01)
    assert zoomed.to_picture(at) == pytest.approx(view.to_picture(at), abs=1e-5)
    assert 0.01 <= zoomed.scale <= 64


@given(views, sizes, sizes)
def test_a_kept_view_shows_a_part_of_the_picture(
    view: ScreenView, picture: Size, screen: Size
) -> None:
    kept = view.kept(picture, screen)
    x, y = kept.to_picture(((screen.width - 1) / 2, (screen.height - 1) / 2))
    assert -0.5 - 1e-6 <= x <= picture.width - 0.5 + 1e-6
    assert -0.5 - 1e-6 <= y <= picture.height - 0.5 + 1e-6
    assert kept.kept(picture, screen) == kept


def test_moving_goes_by_screen_pixels() -> None:
    view = ScreenView(4, 10, 20).moved(8, -4)
    assert view.to_screen((5, 5)) == (4 * 5.5 + 18 - 0.5, 4 * 5.5 + 16 - 0.5)


def test_around_puts_a_part_in_the_middle() -> None:
    view = ScreenView.around((9.5, 19.5, 29.5, 39.5), Size(400, 300), 0.5)
    assert view.scale == 7.5
    assert view.to_screen((19.5, 29.5)) == pytest.approx((199.5, 149.5))


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0, 7.0])
def test_a_bright_pixel_is_shown_where_its_coordinates_say(scale: float) -> None:
    image = np.zeros((40, 60, 3), np.uint8)
    image[20:22, 30:32] = 255  # its middle is (30.5, 20.5)
    view = ScreenView(scale, 12, -6)
    shown = view.shown(image, Size(300, 200)).astype(float)[..., 0]
    shown[shown < 60] = 0  # around the picture
    rows, columns = np.indices(shown.shape)
    x, y = ((axis * shown).sum() / shown.sum() for axis in (columns, rows))
    assert (x, y) == pytest.approx(view.to_screen((30.5, 20.5)), abs=0.05)


def test_from_a_high_zoom_on_pixels_are_squares() -> None:
    image = np.zeros((4, 4, 3), np.uint8)
    image[1, 2] = 200
    shown = ScreenView(10, 0, 0).shown(image, Size(40, 40))
    assert (shown[10:20, 20:30] == 200).all()
    assert shown.astype(int).sum() == 100 * 3 * 200
