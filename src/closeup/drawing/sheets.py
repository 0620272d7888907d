"""Contact sheets: pictures with captions in rows and columns on white paper.

A sheet is composed of parts, each of which is a picture: :func:`captioned` tiles become a
:func:`grid`, grids with a :func:`heading` are put :func:`below` each other, and :func:`framed` adds
a margin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from closeup.drawing.lettering import label
from closeup.frames import RGBImage
from closeup.geometry import Size

GAP = 24
"""Width in pixels of the gap between two tiles, and of the margin around a sheet."""

CAPTION, HEADING = 18, 26
"""Heights of a line of text in pixels."""

_PAPER = (255, 255, 255)


def grid(tiles: Sequence[RGBImage], columns: int, gap: int = GAP) -> RGBImage:
    """Tiles in rows, each in the middle of a cell of the largest tile's width and height.

    Args:
        tiles: RGB uint8 arrays of shape (H, W, 3) and any sizes.
        columns: Maximum number of tiles in a row.
        gap: Pixels between two cells.

    Returns:
        RGB uint8 of shape (H, W, 3); (0, 0, 3) if there is no tile.

    """
    if not tiles:
        return np.empty((0, 0, 3), np.uint8)
    cell = Size(max(tile.shape[1] for tile in tiles), max(tile.shape[0] for tile in tiles))
    cells = [centred(tile, cell) for tile in tiles]
    rows = [beside(cells[i : i + columns], gap) for i in range(0, len(cells), columns)]
    return below(rows, gap)


def contact_sheet(
    pictures: Mapping[str, RGBImage], columns: int = 4, height: int = 220
) -> RGBImage:
    """Pictures with their titles below them, in rows on white; RGB uint8 of shape (H, W, 3).

    Args:
        pictures: Title → RGB uint8 array of shape (H, W, 3); sizes may differ.
        columns: Maximum number of pictures in a row.
        height: Height in pixels to which every picture is scaled, with its aspect ratio kept.

    """
    tiles = []
    for title, picture in pictures.items():
        width = max(1, round(picture.shape[1] * height / picture.shape[0]))
        tiles.append(captioned(scaled(picture, Size(width, height)), title))
    return framed(grid(tiles, columns, _GAP), _GAP)


def beside(parts: Sequence[RGBImage], gap: int = GAP) -> RGBImage:
    """Pictures from left to right, aligned at the top; those without pixels are left out."""
    shown = [part for part in parts if part.size]
    height = max((part.shape[0] for part in shown), default=0)
    width = sum(part.shape[1] + gap for part in shown) - gap if shown else 0
    page = _blank(Size(width, height))
    left = 0
    for part in shown:
        page[: part.shape[0], left : left + part.shape[1]] = part
        left += part.shape[1] + gap
    return page


def below(parts: Sequence[RGBImage], gap: int = GAP) -> RGBImage:
    """Pictures from top to bottom, aligned at the left; those without pixels are left out."""
    page = beside([part.swapaxes(0, 1) for part in parts], gap)
    return np.ascontiguousarray(page.swapaxes(0, 1))


def framed(sheet: RGBImage, margin: int = GAP) -> RGBImage:
    """The sheet with a margin on all four sides."""
    return np.pad(sheet, ((margin, margin), (margin, margin), (0, 0)), constant_values=255)


def captioned(picture: RGBImage, *lines: str) -> RGBImage:
    """The picture with centred lines of text below it; long lines are reduced to its width."""
    width = picture.shape[1]
    captions = [centred(written(line, CAPTION, width), Size(width, CAPTION)) for line in lines]
    return below([picture, *captions], gap=0)


def heading(text: str, part: RGBImage, gap: int = GAP // 2) -> RGBImage:
    """A part of a sheet with a larger line above its left edge."""
    return below([written(text, HEADING), part], gap)


def written(text: str, height: int, widest: int | None = None) -> RGBImage:
    """Text on white, ``height`` pixels high; reduced if it would be wider than ``widest``."""
    plate = label(text, "?", height, _PAPER)
    if widest is None or plate.shape[1] <= widest:
        return plate
    return scaled(plate, Size(widest, max(1, round(height * widest / plate.shape[1]))))


def centred(picture: RGBImage, size: Size) -> RGBImage:
    """The picture in the middle of a white one of ``size``, which must not be smaller."""
    page = _blank(size)
    top, left = (size.height - picture.shape[0]) // 2, (size.width - picture.shape[1]) // 2
    page[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return page


def fitted(picture: RGBImage, size: Size) -> RGBImage:
    """The picture scaled to fit ``size``, with its aspect ratio kept, in the middle of white."""
    height, width = picture.shape[:2]
    scale = min(size.width / width, size.height / height)
    return centred(
        scaled(picture, Size(*(max(1, round(scale * n)) for n in (width, height)))), size
    )


def scaled(picture: RGBImage, size: Size) -> RGBImage:
    """The picture resized: bicubic if no side shrinks, else by area averaging against moiré."""
    shrinks = size.width < picture.shape[1] or size.height < picture.shape[0]
    way = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, size, interpolation=way), np.uint8)


def _blank(size: Size) -> RGBImage:
    return np.full((size.height, size.width, 3), 255, np.uint8)


_HEIGHT = 220
"""Height in pixels to which each picture is scaled; cuts of eyes are about 60 pixels high."""

_ABREAST = 6
_GAP = 12
_HEADING, _TITLE = 30, 22


@dataclass(frozen=True, slots=True, eq=False)
class PictureStrip:
    """A group of pictures with a heading.

    Attributes:
        heading: Line of text above the pictures.
        pictures: Pairs of a title and an RGB uint8 array of shape (H, W, 3); may be empty.

    """

    heading: str
    pictures: Sequence[tuple[str, RGBImage]]


def draw_strips(strips: Sequence[PictureStrip]) -> RGBImage:
    """All strips, one below the other, on white; RGB uint8 of shape (H, W, 3).

    Pictures are scaled to one height; a long strip continues in the next row.

    Args:
        strips: One or more strips.

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
