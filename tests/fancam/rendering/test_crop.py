from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.typing import NDArray

from closeup.fancam.rendering.crop import crop
from closeup.geometry import Box, Size, whole
from closeup.media.planes import Planes

Values = NDArray[np.float64]
STAGE = Size(160, 90)


def blank(size: Size) -> Planes:
    half = -(-size.height // 2), -(-size.width // 2)
    return Planes(
        np.zeros((size.height, size.width), np.uint8), np.zeros(half, np.uint8),
        np.zeros(half, np.uint8),
    )  # fmt: skip


def grid(
    rows: int, columns: int, x_step: float, x0: float, y_step: float, y0: float
) -> tuple[Values, Values]:
    """Luma positions of samples."""
    y, x = np.indices((rows, columns), dtype=np.float64)
    return x0 + x_step * x, y0 + y_step * y


def light(x: Values, y: Values) -> Values:
    """Brightness at luma position (x, y): a slope, which every fair filter keeps as it is."""
    return np.asarray(10 + 0.9 * x + 0.8 * y)


def scene(size: Size) -> Planes:
    """The scene as a camera with left-sited 4:2:0 chroma records it."""
    planes = blank(size)
    planes.y[:] = np.rint(light(*grid(size.height, size.width, 1, 0, 1, 0)))
    rows, columns = planes.u.shape
    planes.u[:] = np.rint(light(*grid(rows, columns, 2, 0, 2, 0.5)))
    planes.v[:] = 255 - planes.u
    return planes


def expected(window: Box, size: Size) -> tuple[Values, Values]:
    """What the scene looks like through the window, computed without the source's pixels."""
    sx, sy = window.width / size.width, window.height / size.height
    x0, y0 = window.x1 + sx / 2, window.y1 + sy / 2
    luma = light(*grid(size.height, size.width, sx, x0, sy, y0))
    rows, columns = -(-size.height // 2), -(-size.width // 2)
    return luma, light(*grid(rows, columns, 2 * sx, x0, 2 * sy, y0 + sy / 2))


@st.composite
def views(draw: st.DrawFn) -> tuple[Box, Size]:
    """A window inside the stage, and an output of its shape and any size."""
    size = Size(2 * draw(st.integers(4, 60)), 2 * draw(st.integers(4, 60)))
    largest = min(80.0, 50 * size.width / size.height)
    width = draw(st.floats(largest / 5, largest))
    x, y = draw(st.floats(8, 60)), draw(st.floats(8, 30))
    return Box(x, y, x + width, y + width * size.height / size.width), size


@settings(max_examples=80)
@given(view=views())
def test_every_output_pixel_shows_its_own_place_in_the_scene(view: tuple[Box, Size]) -> None:
    window, size = view
    canvas = blank(size)
    crop(scene(STAGE), window, canvas)
    luma, chroma = expected(window, size)
    assert np.abs(canvas.y - luma).max() < 1.8
    assert np.abs(canvas.u - chroma).max() < 2.0
    assert np.abs((255 - canvas.v.astype(int)) - canvas.u).max() <= 1


@pytest.mark.parametrize("scale", [0.4, 0.8, 1.0, 1.2, 3.0])
def test_luma_and_chroma_are_not_shifted(scale: float) -> None:
    source, size, errors = scene(STAGE), Size(24, 20), []
    rng = np.random.default_rng(0)
    for x, y in rng.uniform(8, (150 - size.width / scale, 84 - size.height / scale), (200, 2)):
        window, canvas = Box(x, y, x + size.width / scale, y + size.height / scale), blank(size)
        crop(source, window, canvas)
        luma, chroma = expected(window, size)
        errors.append([(canvas.y - luma).mean(), (canvas.u - chroma).mean()])
    # Chroma half a luma pixel aside, as in JPEG, would be 0.45 off. OpenCV's bilinear
    # filter rounds down and so darkens by a tenth of a level.
    assert np.abs(np.mean(errors, axis=0)).max() < 0.2


@given(x=st.integers(0, 50), y=st.integers(0, 20))
def test_a_window_on_whole_even_pixels_is_a_copy(x: int, y: int) -> None:
    source, size = scene(STAGE), Size(60, 40)
    canvas = blank(size)
    left, top = 2 * x - 0.5, 2 * y - 0.5
    crop(source, Box(left, top, left + 60, top + 40), canvas)
    part = source.part(2 * x, 2 * y, size)
    assert all(np.array_equal(a, b) for a, b in zip(canvas, part, strict=True))


@pytest.mark.parametrize("height", [20.0, 40.0, 48.0])
def test_a_slow_pan_moves_by_fractions_of_a_pixel(height: float) -> None:
    source, size = scene(STAGE), Size(60, 40)
    texture = np.random.default_rng(0).uniform(0, 255, source.y.shape)
    smooth = cv2.GaussianBlur(texture, (0, 0), 2)
    source.y[:] = cv2.normalize(smooth, np.empty_like(smooth), 0, 255, cv2.NORM_MINMAX)
    views = []
    for step in range(8):
        canvas, left = blank(size), 50 + step / 8
        crop(source, Box(left, 20, left + height * 1.5, 20 + height), canvas)
        views.append(canvas.y.astype(np.float64))
    slope = np.gradient((views[0] + views[-1]) / 2, axis=1)
    for step in range(8):
        moved = np.sum((views[step] - views[0]) * slope) / np.sum(slope**2)
        assert moved == pytest.approx(step / 8 * 40 / height, rel=0.15, abs=0.02)


def test_fine_stripes_shrink_to_grey_and_do_not_alias() -> None:
    source = blank(Size(400, 400))
    source.y[:, ::2] = 255
    canvas = blank(Size(90, 90))
    crop(source, whole(source.size), canvas)
    assert np.abs(canvas.y.astype(int) - 128).max() <= 30


@pytest.mark.parametrize("size", [Size(161, 91), Size(3, 3), Size(160, 91)])
def test_odd_sources_and_their_edges(size: Size) -> None:
    source = scene(size)
    canvas = blank(Size(80, 46))
    crop(source, whole(size), canvas)
    luma, _ = expected(whole(size), canvas.size)
    assert np.abs(canvas.y - luma)[2:-2, 2:-2].mean() < 1


def test_beyond_the_edge_the_last_pixel_repeats() -> None:
    source = blank(Size(40, 40))
    source.y[:, 0], source.u[:], source.v[:] = 200, 90, 60
    canvas = blank(Size(40, 40))
    crop(source, Box(-10.5, -0.5, 29.5, 39.5), canvas)
    assert np.all(canvas.y[:, :11] == 200)
    assert np.all(canvas.u == 90)
    assert np.all(canvas.v == 60)


def test_canvas_may_be_a_part_of_a_larger_picture() -> None:
    source, large, alone = scene(STAGE), blank(Size(100, 80)), blank(Size(40, 30))
    window = Box(20.3, 10.7, 60.3, 40.7)
    crop(source, window, alone)
    crop(source, window, large.part(20, 10, Size(40, 30)))
    part = large.part(20, 10, Size(40, 30))
    assert all(np.array_equal(a, b) for a, b in zip(part, alone, strict=True))
    assert large.y[:10].max() == large.y[:, :20].max() == 0


def test_a_part_begins_at_even_pixels() -> None:
    with pytest.raises(ValueError, match="even"):
        blank(Size(20, 20)).part(1, 0, Size(4, 4))
