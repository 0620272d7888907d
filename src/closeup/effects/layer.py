"""Vector drawing on a part of a picture, by Skia."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import numpy as np
import skia
from numpy.typing import NDArray

from closeup.effects.face_shapes import Point
from closeup.frames import RGBImage

_MARGIN = 2
"""Pixels around a drawing for antialiased edges."""


@contextmanager
def layer_over(
    image: RGBImage, centre: Point, reach: float | Point, opacity: float = 1.0
) -> Iterator[skia.Canvas | None]:
    """Draw on a part of a picture; the drawing is in the picture when the block ends.

    Args:
        image: RGB uint8 of shape (H, W, 3), writable; it is changed.
        centre: (2,) middle of the part, in pixels.
        reach: Distance from the middle up to which something is drawn; one number, or (2,) across
            and down the picture.
        opacity: From 0 to 1, of the whole drawing.

    Returns:
        A canvas with the picture's coordinates, whose pixels have their centres at integers; None
        if the part lies outside the picture.

    """
    height, width = image.shape[:2]
    low = np.floor(centre - reach).astype(int) - _MARGIN
    high = np.ceil(centre + reach).astype(int) + _MARGIN + 1
    (left, top), (right, bottom) = np.maximum(low, 0), np.minimum(high, (width, height))
    if right <= left or bottom <= top or opacity <= 0:
        yield None
        return
    part = image[top:bottom, left:right]
    pixels = np.asarray(cv2.cvtColor(part, cv2.COLOR_RGB2RGBA), np.uint8)
    canvas = skia.Canvas(
        pixels, colorType=skia.kRGBA_8888_ColorType, alphaType=skia.kPremul_AlphaType
    )
    canvas.translate(0.5 - float(left), 0.5 - float(top))
    if opacity < 1:
        canvas.saveLayerAlpha(None, round(255 * opacity))
    yield canvas
    canvas.restoreToCount(1)
    cv2.cvtColor(pixels, cv2.COLOR_RGBA2RGB, dst=part)


def matrix_of(linear: NDArray[np.float64], place: Point) -> skia.Matrix:
    """Matrix of a canvas for a drawing around its own origin.

    Args:
        linear: (2, 2) from the drawing's units to pixels.
        place: (2,) of the origin in the picture.

    """
    (a, b), (c, d) = linear.tolist()
    x, y = place.tolist()
    return skia.Matrix.MakeAll(a, b, x, c, d, y, 0, 0, 1)
