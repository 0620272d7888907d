"""The pairs that were hardest, as one picture to look at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.drawing.lettering import label
from closeup.evaluation.lfw_pairs import Pairs
from closeup.frames import RGBImage
from closeup.media.images import read_image

_SHOWN, _COLUMNS = 12, 4
_SIDE, _GAP = 150, 24
_LINE, _HEADING = 18, 26
_PAPER = (255, 255, 255)


def worst_pairs(
    distances: NDArray[np.floating], same: NDArray[np.bool_], count: int = _SHOWN
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The same pairs that are farthest apart, and the different pairs that are nearest.

    Args:
        distances: (p,) of each pair.
        same: (p,) true where a pair shows one person.
        count: At most so many of each kind.

    Returns:
        Indices of pairs, the worst first.

    """
    order = np.argsort(distances, kind="stable").astype(np.int64)
    return order[same[order]][::-1][:count], order[~same[order]][:count]


def contact_sheet(paths: Sequence[Path], pairs: Pairs, distances: NDArray[np.floating]) -> RGBImage:
    """Draw the worst pairs of each kind, with names and distances; RGB uint8 (H, W, 3).

    Args:
        paths: The file of each of ``pairs.photos``.
        pairs: The pairs.
        distances: (p,) of each pair.

    Raises:
        ImageError: a photo cannot be read.

    """
    farthest, nearest = worst_pairs(distances, pairs.same)
    parts = []
    for title, chosen in (
        ("One person, farthest apart", farthest),
        ("Two people, nearest to each other", nearest),
    ):
        tiles = [_tile(paths, pairs.rows[i], float(distances[i])) for i in chosen]
        parts += [_heading(title), *_grid(tiles)]
    sheet = np.concatenate(parts)
    return np.pad(sheet, ((_GAP, 0), (_GAP, 0), (0, 0)), constant_values=255)


def _grid(tiles: list[RGBImage]) -> list[RGBImage]:
    tiles += [np.full_like(tiles[0], 255)] * (-len(tiles) % _COLUMNS)
    return [np.hstack(tiles[i : i + _COLUMNS]) for i in range(0, len(tiles), _COLUMNS)]


def _tile(paths: Sequence[Path], photos: NDArray[np.int64], distance: float) -> RGBImage:
    """Two photos, a name below each, the distance below both; with a gap right and below."""
    columns = [np.concatenate([_photo(paths[i]), _line(paths[i].stem, _SIDE)]) for i in photos]
    tile = np.concatenate([np.hstack(columns), _line(f"{distance:.3f}", 2 * _SIDE)])
    return np.pad(tile, ((0, _GAP), (0, _GAP), (0, 0)), constant_values=255)


def _photo(path: Path) -> RGBImage:
    """The photo in a square, its own shape kept."""
    image = read_image(path)
    height, width = image.shape[:2]
    scale = _SIDE / max(height, width)
    inner = (max(1, round(width * scale)), max(1, round(height * scale)))
    return _centred(cv2.resize(image, inner, interpolation=cv2.INTER_AREA), _SIDE, _SIDE)


def _line(text: str, width: int) -> RGBImage:
    plate = label(text.replace("_", " "), "?", _LINE, _PAPER)
    if plate.shape[1] > width:
        height = max(1, round(_LINE * width / plate.shape[1]))
        plate = np.asarray(cv2.resize(plate, (width, height), interpolation=cv2.INTER_AREA))
    return _centred(plate, _LINE, width)


def _heading(text: str) -> RGBImage:
    plate = label(text, "?", _HEADING, _PAPER)
    page = np.full((_HEADING + _GAP // 2, _COLUMNS * (2 * _SIDE + _GAP), 3), 255, np.uint8)
    page[:_HEADING, : plate.shape[1]] = plate
    return page


def _centred(picture: NDArray[np.generic], height: int, width: int) -> RGBImage:
    page = np.full((height, width, 3), 255, np.uint8)
    top, left = (height - picture.shape[0]) // 2, (width - picture.shape[1]) // 2
    page[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return page
