"""The pairs that were hardest, as one picture to look at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.evaluation.lfw_pairs import Pairs
from closeup.evaluation.tiles import GAP, caption, centred, grid, heading
from closeup.frames import RGBImage
from closeup.media.images import read_image

_SHOWN, _COLUMNS = 12, 4
_SIDE = 150


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
        parts += [heading(title, _COLUMNS * (2 * _SIDE + GAP)), *grid(tiles, _COLUMNS)]
    sheet = np.concatenate(parts)
    return np.pad(sheet, ((GAP, 0), (GAP, 0), (0, 0)), constant_values=255)


def _tile(paths: Sequence[Path], photos: NDArray[np.int64], distance: float) -> RGBImage:
    """Two photos, a name below each, the distance below both; with a gap right and below."""
    columns = [
        np.concatenate([_photo(paths[i]), caption(paths[i].stem.replace("_", " "), _SIDE)])
        for i in photos
    ]
    tile = np.concatenate([np.hstack(columns), caption(f"{distance:.3f}", 2 * _SIDE)])
    return np.pad(tile, ((0, GAP), (0, GAP), (0, 0)), constant_values=255)


def _photo(path: Path) -> RGBImage:
    """The photo in a square, its own shape kept."""
    image = read_image(path)
    height, width = image.shape[:2]
    scale = _SIDE / max(height, width)
    inner = (max(1, round(width * scale)), max(1, round(height * scale)))
    return centred(cv2.resize(image, inner, interpolation=cv2.INTER_AREA), _SIDE, _SIDE)
