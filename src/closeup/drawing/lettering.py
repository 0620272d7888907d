"""Names as small pictures, in any script that a font on this machine can write."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from unicodedata import category

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from closeup.drawing.colours import Colour
from closeup.frames import RGBImage

_BLACK, _WHITE = (0, 0, 0), (255, 255, 255)
_NO_LETTERS = {"Cc", "Zl", "Zp"}
"""Control characters and ends of lines: layout fails with them."""

_MARGIN = 0.25
"""Space around the letters, as a share of their height."""


@lru_cache(maxsize=512)
def label(text: str, otherwise: str, height: int, background: Colour) -> RGBImage:
    """Write a name on a plate; even width and height, shape (H, W, 3), read-only.

    The latest plates are kept: a video shows the same ones in frame after frame.

    Args:
        text: The name.
        otherwise: Written instead where no font here has all its letters.
        height: Height of the plate in pixels, rounded up to even.
        background: Colour of the plate; the letters are black or white, as can be read.

    """
    height += height % 2
    text = "".join(" " if category(letter) in _NO_LETTERS else letter for letter in text)
    margin = max(1, round(height * _MARGIN / 2))
    path = font_for(text)
    if path is None:
        text, path = otherwise, _own_font()
    font = ImageFont.truetype(str(path), max(6, round((height - 2 * margin) / 1.1)))
    left, _, right, _ = font.getbbox(text)
    width = round(right - left) + 4 * margin
    plate = Image.new("RGB", (width + width % 2, height), background)
    ink = _BLACK if _brightness(background) > 128 else _WHITE
    ImageDraw.Draw(plate).text((2 * margin - left, height / 2), text, ink, font, anchor="lm")
    pixels = np.array(plate, np.uint8)
    pixels.flags.writeable = False
    return pixels


def _brightness(colour: Colour) -> float:
    """Luma of ITU-R BT.601."""
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


@cache
def _own_font() -> Path:
    # Imported late, like all of matplotlib here: only previews need it, and it is slow.
    import matplotlib as mpl

    return Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"


def font_for(text: str) -> Path | None:
    """DejaVu Sans if it has all the letters, else the first installed font that has, or None."""
    letters = {ord(letter) for letter in text if not letter.isspace()}
    if _writes(_own_font(), letters):
        return _own_font()
    from matplotlib import font_manager

    installed = sorted(font_manager.findSystemFonts())
    return next((Path(path) for path in installed if _writes(Path(path), letters)), None)


def _writes(font: Path, letters: set[int]) -> bool:
    from matplotlib.ft2font import FT2Font

    try:
        return letters <= FT2Font(str(font)).get_charmap().keys()
    except RuntimeError:  # bitmap fonts and damaged files
        return False
