"""All people on one picture, to see at a glance who is who."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np

from closeup.drawing.lettering import label
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.media.images import read_image
from closeup.pipeline.people import People, Person

MOST_PEOPLE = 300
"""Rows; a JPEG is at most 65,500 pixels high."""

_FACES, _SIDE, _GAP = 8, 112, 8
_LEGEND = 150
_NAME, _COUNT = 26, 20
_PAPER = (255, 255, 255)


def draw_sheet(people: People, crops: Mapping[str, Path]) -> RGBImage:
    """A row for each person: number, count and best faces; RGB uint8 (H, W, 3).

    Args:
        people: At least one; beyond :data:`MOST_PEOPLE` only a line says how many there are.
        crops: Where each file of ``people`` is now.

    Raises:
        ImageError: a crop cannot be read.

    """
    rows = [_row(person, crops) for person in people.groups[:MOST_PEOPLE]]
    more = len(people.groups) - len(rows)
    if more:
        rows.append(_padded(label(f"and {more} more", "?", _COUNT, _PAPER), rows[0].shape[1]))
    return np.pad(np.concatenate(rows), ((_GAP, 0), (_GAP, 0), (0, 0)), constant_values=255)


def _row(person: Person, crops: Mapping[str, Path]) -> RGBImage:
    count = len(person.faces)
    lines = [
        label(str(person.number), "?", _NAME, _PAPER),
        label(f"{count} face{'s' * (count != 1)}", "?", _COUNT, _PAPER),
    ]
    page = np.full((_SIDE + _GAP, _LEGEND + _FACES * (_SIDE + _GAP), 3), 255, np.uint8)
    legend = np.concatenate([_padded(line, _LEGEND) for line in lines])
    top = (_SIDE - len(legend)) // 2
    page[top : top + len(legend), :_LEGEND] = legend
    for place, file in enumerate(person.files[:_FACES]):
        left = _LEGEND + place * (_SIDE + _GAP)
        page[:_SIDE, left : left + _SIDE] = _thumbnail(read_image(crops[file]))
    return page


def _thumbnail(crop: RGBImage) -> RGBImage:
    """The crop's middle as a square."""
    side = min(crop.shape[:2])
    top, left = ((length - side) // 2 for length in crop.shape[:2])
    square = crop[top : top + side, left : left + side]
    size = Size(_SIDE, _SIDE)
    way = cv2.INTER_AREA if side > _SIDE else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(square, size, interpolation=way), np.uint8)


def _padded(line: RGBImage, width: int) -> RGBImage:
    missing = max(0, width - line.shape[1])
    return np.pad(line[:, :width], ((0, 0), (0, missing), (0, 0)), constant_values=255)
