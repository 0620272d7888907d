"""Draws a contact sheet of all people, with one row per group."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from closeup.drawing.sheets import below, beside, framed, scaled, written
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.media.images import read_image
from closeup.pipeline.people.clusters import People, Person

MOST_PEOPLE = 300
"""Maximum rows; a JPEG is at most 65,500 pixels high."""

_FACES, _SIDE, _GAP = 8, 112, 8
_LEGEND = 142
_NAME, _COUNT = 26, 20


def draw_sheet(people: People, crops: Mapping[str, Path]) -> RGBImage:
    """A row for each person: number, count and best faces; RGB uint8 (H, W, 3).

    Args:
        people: One or more; beyond :data:`MOST_PEOPLE` a last line gives the number of others.
        crops: File name in ``people`` → its current path.

    Raises:
        ImageError: a crop cannot be read.

    """
    rows = [_row(person, crops) for person in people.groups[:MOST_PEOPLE]]
    more = len(people.groups) - len(rows)
    if more:
        rows.append(written(f"and {more} more", _COUNT))
    return framed(below(rows, _GAP), _GAP)


def _row(person: Person, crops: Mapping[str, Path]) -> RGBImage:
    count = len(person.faces)
    lines = [
        written(str(person.number), _NAME, _LEGEND),
        written(f"{count} face{'s' * (count != 1)}", _COUNT, _LEGEND),
    ]
    legend = below(lines, gap=0)
    room = np.full((_SIDE, _LEGEND, 3), 255, np.uint8)
    top = (_SIDE - len(legend)) // 2
    room[top : top + len(legend), : legend.shape[1]] = legend
    faces = [_thumbnail(read_image(crops[file])) for file in person.files[:_FACES]]
    return beside([room, *faces], _GAP)


def _thumbnail(crop: RGBImage) -> RGBImage:
    """The crop's middle as a square."""
    side = min(crop.shape[:2])
    top, left = ((length - side) // 2 for length in crop.shape[:2])
    return scaled(crop[top : top + side, left : left + side], Size(_SIDE, _SIDE))
