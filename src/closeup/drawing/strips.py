"""Rows of titled pictures, to follow step by step what is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from closeup.drawing.sheets import below, beside, framed, scaled, written
from closeup.frames import RGBImage
from closeup.geometry import Size

_HEIGHT = 220
"""Of each picture, whatever it was: an eye is some 60 pixels high."""

_ABREAST = 6
_GAP = 12
_HEADING, _TITLE = 30, 22


@dataclass(frozen=True, slots=True, eq=False)
class PictureStrip:
    """Pictures that belong together.

    Attributes:
        heading: Stands above them.
        pictures: Title and RGB uint8 (H, W, 3) each; there may be none.

    """

    heading: str
    pictures: Sequence[tuple[str, RGBImage]]


def draw_strips(strips: Sequence[PictureStrip]) -> RGBImage:
    """All strips, one below the other, on white; RGB uint8 (H, W, 3).

    Pictures are brought to one height; a strip of many goes on in the next row.

    Args:
        strips: At least one.

    """
    return framed(below([_drawn(strip) for strip in strips], _GAP), _GAP)


def _drawn(strip: PictureStrip) -> RGBImage:
    cells = [_cell(title, picture) for title, picture in strip.pictures]
    rows = [beside(cells[i : i + _ABREAST], _GAP) for i in range(0, len(cells), _ABREAST)]
    return below([written(strip.heading, _HEADING), below(rows, _GAP)], gap=0)


def _cell(title: str, picture: RGBImage) -> RGBImage:
    height, width = picture.shape[:2]
    size = Size(max(1, round(width * _HEIGHT / height)), _HEIGHT)
    return below([written(title, _TITLE), scaled(picture, size)], gap=0)
