"""Names as small pictures, in any script for which a font is installed."""

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
"""Unicode categories of control characters and line ends, with which layout fails."""

_MARGIN = 0.25
"""Space around the letters, as a share of their height."""


@lru_cache(maxsize=512)
def label(text: str, otherwise: str, height: int, background: Colour) -> RGBImage:
    """A plate with a name; RGB uint8 of shape (H, W, 3), width and height even, read-only.

    The latest plates are cached, since consecutive frames of a video show the same ones.

    Args:
        text: The name.
        otherwise: Text that is written instead if no installed font has all letters of the name.
        height: Height of the plate in pixels, rounded up to even.
        background: Colour of the plate; the letters are black or white, whichever is legible.

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
    """DejaVu Sans if it has all letters of ``text``, else the first installed font; or None."""
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
