from __future__ import annotations

import numpy as np
import pytest
import skia

from closeup.effects.layer import layer_over, matrix_of
from closeup.effects.paints import fill


def grey() -> np.ndarray:
    return np.full((40, 60, 3), 100, np.uint8)


def test_a_pixel_centre_has_integer_coordinates() -> None:
    image = grey()
    with layer_over(image, np.array([20.0, 10.0]), 5) as canvas:
        assert canvas is not None
        canvas.drawRect(skia.Rect.MakeLTRB(18.5, 8.5, 21.5, 11.5), fill(0xFFFF0000))
    red = (image == (255, 0, 0)).all(axis=-1)
    np.testing.assert_array_equal(np.argwhere(red).min(axis=0), (9, 19))
    np.testing.assert_array_equal(np.argwhere(red).max(axis=0), (11, 21))
    assert (image[~red] == 100).all()


def test_edges_are_antialiased() -> None:
    image = grey()
    with layer_over(image, np.array([20.0, 20.0]), 12) as canvas:
        assert canvas is not None
        canvas.drawCircle(20, 20, 9.3, fill(0xFFFFFFFF))
    values = image[..., 0].astype(int)
    covered = (values.astype(float) - 100) / 155
    assert covered.sum() == pytest.approx(np.pi * 9.3**2, rel=0.05)
    assert 20 < ((values > 105) & (values < 250)).sum() < 100


@pytest.mark.parametrize("opacity", [0.0, 0.3, 1.0])
def test_the_drawing_is_as_opaque_as_asked(opacity: float) -> None:
    image = grey()
    with layer_over(image, np.array([20.0, 20.0]), 8, opacity) as canvas:
        if canvas is not None:
            canvas.drawCircle(20, 20, 5, fill(0xFFFFFFFF))
    assert image[20, 20, 0] == pytest.approx(100 + 155 * opacity, abs=1)


@pytest.mark.parametrize("centre", [(-50, 20), (20, -50), (200, 20), (20, 200)])
def test_outside_the_picture_there_is_no_canvas(centre: tuple[int, int]) -> None:
    image = grey()
    with layer_over(image, np.array(centre, float), 10) as canvas:
        assert canvas is None


def test_a_matrix_places_a_drawing() -> None:
    image = grey()
    with layer_over(image, np.array([30.0, 20.0]), 12) as canvas:
        assert canvas is not None
        canvas.concat(matrix_of(np.array([[0.0, -4.0], [4.0, 0.0]]), np.array([30.0, 20.0])))
        canvas.drawRect(skia.Rect.MakeLTRB(0, -0.5, 2, 0.5), fill(0xFFFF0000))
    rows, columns = np.nonzero(image[..., 0] == 255)
    assert np.ptp(rows) > np.ptp(columns)
    assert rows.min() >= 19
