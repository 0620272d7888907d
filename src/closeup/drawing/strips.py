"""Rows of titled pictures, to follow step by step what is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from closeup.drawing.lettering import label
from closeup.frames import RGBImage
from closeup.geometry import Size

_HEIGHT = 220
"""Of each picture, whatever it was: an eye is some 60 pixels high."""

_ABREAST = 6
_GAP = 12
_HEADING, _TITLE = 30, 22
_PAPER = (255, 255, 255)


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
    rows = [row for strip in strips for row in _rows(strip)]
    width = max(row.shape[1] for row in rows)
    return np.pad(
        np.concatenate([_widened(row, width) for row in rows]),
        ((_GAP, 0), (_GAP, 0), (0, 0)),
        constant_values=255,
    )


def _rows(strip: PictureStrip) -> list[RGBImage]:
    cells = [_cell(title, picture) for title, picture in strip.pictures]
    rows = [np.concatenate(cells[i : i + _ABREAST], 1) for i in range(0, len(cells), _ABREAST)]
    return [label(strip.heading, "?", _HEADING, _PAPER), *rows]


def _cell(title: str, picture: RGBImage) -> RGBImage:
    height, width = picture.shape[:2]
    size = Size(max(1, round(width * _HEIGHT / height)), _HEIGHT)
    way = cv2.INTER_AREA if height > _HEIGHT else cv2.INTER_CUBIC
    enlarged = np.asarray(cv2.resize(picture, size, interpolation=way), np.uint8)
    plate = label(title, "?", _TITLE, _PAPER)
    wide = max(size.width, plate.shape[1])
    cell = np.concatenate([_widened(plate, wide), _widened(enlarged, wide)])
    return np.pad(cell, ((0, _GAP), (0, _GAP), (0, 0)), constant_values=255)


def _widened(picture: RGBImage, width: int) -> RGBImage:
    missing = width - picture.shape[1]
    return np.pad(picture, ((0, 0), (0, missing), (0, 0)), constant_values=255)
