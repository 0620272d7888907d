"""A contact sheet of the hardest pairs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from closeup.drawing.sheets import below, beside, captioned, fitted, framed, grid, heading
from closeup.evaluation.lfw_pairs import Pairs
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.media.images import read_image

_SHOWN, _COLUMNS = 12, 4
_PHOTO = Size(150, 150)


def worst_pairs(
    distances: NDArray[np.floating], same: NDArray[np.bool_], count: int = _SHOWN
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The same pairs that are farthest apart, and the different pairs that are nearest.

    Args:
        distances: (p,) distance of each pair.
        same: (p,) bool, whether a pair shows one person.
        count: Largest number of pairs of each kind.

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
        distances: (p,) distance of each pair.

    Raises:
        ImageError: a photo cannot be read.

    """
    farthest, nearest = worst_pairs(distances, pairs.same)
    parts = []
    for title, chosen in (
        ("One person, farthest apart", farthest),
        ("Two people, nearest to each other", nearest),
    ):
        tiles = [_tile([paths[n] for n in pairs.rows[i]], float(distances[i])) for i in chosen]
        parts.append(heading(title, grid(tiles, _COLUMNS)))
    return framed(below(parts))


def _tile(pair: Sequence[Path], distance: float) -> RGBImage:
    """Two photos, a name below each, the distance below both."""
    photos = [
        captioned(fitted(read_image(path), _PHOTO), path.stem.replace("_", " ")) for path in pair
    ]
    return captioned(beside(photos, gap=0), f"{distance:.3f}")
