"""Lines of random text."""

from __future__ import annotations

import string
from functools import cache
from pathlib import Path

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

_FONTS = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSerif.ttf", "DejaVuSansMono.ttf")
_SIGNS = string.ascii_letters + string.digits + "@&%08OQ:()☺☻♥★●◉"
"""Characters: round ones among them, and two that look like faces."""


@cache
def _font(name: str, height: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(Path(mpl.get_data_path(), "fonts", "ttf", name), height)


def written(rng: np.random.Generator, height: int, width: int, size: int) -> NDArray[np.uint8]:
    """Draw lines of random text; returns the coverage, uint8 0..255, shape (height, width).

    Args:
        rng: Chooses font and characters.
        height: Height of the picture, in pixels.
        width: Width of the picture, in pixels.
        size: Size of the letters, in pixels.

    """
    page = Image.new("L", (width, height))
    font, pen = _font(str(rng.choice(_FONTS)), size), ImageDraw.Draw(page)
    count = 2 * width // size + 1
    for top in range(0, height, round(1.3 * size)):
        signs = rng.choice(list(_SIGNS + "     "), count)
        pen.text((int(rng.integers(-size, size)), top), "".join(signs), 255, font)
    return np.asarray(page, np.uint8)
