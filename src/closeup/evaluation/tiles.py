"""Parts of contact sheets: captions, headings, rows of tiles on white paper."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.drawing.lettering import label
from closeup.frames import RGBImage

GAP = 24
"""Pixels between two tiles."""

_LINE, _HEADING = 18, 26
_PAPER = (255, 255, 255)


def grid(tiles: Sequence[RGBImage], columns: int) -> list[RGBImage]:
    """Rows of so many tiles, which all have one shape; the last row is filled with white."""
    filled = [*tiles, *(np.full_like(tiles[0], 255) for _ in range(-len(tiles) % columns))]
    return [np.hstack(filled[i : i + columns]) for i in range(0, len(filled), columns)]


def caption(text: str, width: int) -> RGBImage:
    """A line in the middle of ``width`` pixels, made smaller where it is too long."""
    plate = label(text, "?", _LINE, _PAPER)
    if plate.shape[1] > width:
        height = max(1, round(_LINE * width / plate.shape[1]))
        plate = np.asarray(cv2.resize(plate, (width, height), interpolation=cv2.INTER_AREA))
    return centred(plate, _LINE, width)


def heading(text: str, width: int) -> RGBImage:
    """A larger line at the left, with space below; it must be shorter than ``width`` pixels."""
    plate = label(text, "?", _HEADING, _PAPER)
    page = np.full((_HEADING + GAP // 2, width, 3), 255, np.uint8)
    page[:_HEADING, : plate.shape[1]] = plate
    return page


def centred(picture: NDArray[np.generic], height: int, width: int) -> RGBImage:
    """The picture in the middle of a white one that is no smaller."""
    page = np.full((height, width, 3), 255, np.uint8)
    top, left = (height - picture.shape[0]) // 2, (width - picture.shape[1]) // 2
    page[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return page
