"""ROAD: whether maps of importance show what a network decides by (Rong et al. 2022).

"A Consistent and Efficient Evaluation Strategy for Attribution Methods", ICML 2022. Pixels are
removed in the order of a map and replaced by noisy linear imputation: each removed pixel is the
weighted mean of its neighbours, all of them solved at once, plus a little noise. What is removed
thus leaves no edge by which the network could tell where something was removed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array
from scipy.sparse.linalg import spsolve

Numbers = NDArray[np.float64]

SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.7)
"""Shares of the pixels that are removed."""

_STRAIGHT, _DIAGONAL = 1 / 6, 1 / 12
"""Weights of the four nearest neighbours and of the four diagonal ones, as in the paper."""
_NEIGHBOURS = [
    (down, across, _STRAIGHT if down == 0 or across == 0 else _DIAGONAL)
    for down in (-1, 0, 1)
    for across in (-1, 0, 1)
    if down or across
]
_NOISE = 2.0
"""Standard deviation of the noise, in levels of 255."""


@dataclass(frozen=True, slots=True, eq=False)
class RoadCurve:
    """Mean output of a network as pixels are removed.

    Attributes:
        shares: (k,) shares of removed pixels.
        most: (n, k) outputs after the most important pixels were removed.
        least: (n, k) outputs after the least important pixels were removed.

    """

    shares: tuple[float, ...]
    most: Numbers
    least: Numbers

    @property
    def gaps(self) -> Numbers:
        """(n,) mean of ``least`` - ``most`` over the shares: larger for a better map.

        It is positive if the output falls faster without what the map calls important.
        """
        return np.asarray((self.least - self.most).mean(axis=1))


def road(
    output: Callable[[NDArray[np.uint8]], Numbers],
    images: NDArray[np.uint8],
    maps: Numbers,
    rng: np.random.Generator,
    shares: Sequence[float] = SHARES,
) -> RoadCurve:
    """Measure maps by the outputs of a network for pictures without some pixels.

    Args:
        output: From (n, H, W, c) to (n,) the output that the maps explain.
        images: (n, H, W, c) uint8; all channels of a pixel are removed together.
        maps: (n, h, w) importance, larger is more important; they are enlarged to H × W.
        rng: Draws the noise.
        shares: Shares of the pixels that are removed, above 0 and below 1.

    Raises:
        ValueError: a share is out of range, or there is no map for each picture.

    """
    if not all(0 < share < 1 for share in shares) or len(maps) != len(images):
        raise ValueError(f"{len(maps)} maps of {len(images)} pictures, shares {shares}")
    rows, columns = images.shape[1:3]
    sizes = [cv2.resize(one, (columns, rows), interpolation=cv2.INTER_LINEAR) for one in maps]
    order = np.array([np.argsort(-one, axis=None, kind="stable") for one in sizes])
    curves = []
    for ranked in (order, order[:, ::-1]):
        outputs = [_without(output, images, ranked, share, rng) for share in shares]
        curves.append(np.stack(outputs, axis=1))
    return RoadCurve(tuple(shares), *curves)


def _without(
    output: Callable[[NDArray[np.uint8]], Numbers],
    images: NDArray[np.uint8],
    ranked: NDArray[np.int64],
    share: float,
    rng: np.random.Generator,
) -> Numbers:
    count = round(share * ranked.shape[1])
    removed = np.zeros(ranked.shape, np.bool_)
    np.put_along_axis(removed, ranked[:, :count], values=True, axis=1)
    masks = removed.reshape(images.shape[:3])
    return output(
        np.array([imputed(*pair, rng) for pair in zip(images, masks, strict=True)], np.uint8)
    )


def imputed(
    image: NDArray[np.uint8], removed: NDArray[np.bool_], rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Replace pixels by noisy linear imputation.

    Args:
        image: (H, W, c) uint8.
        removed: (H, W), which pixels are replaced; at least one is kept.
        rng: Draws the noise.

    """
    if not removed.any():
        return image.copy()
    matrix, known = _equations(image.astype(np.float64), removed)
    solved = spsolve(matrix, known).reshape(known.shape)
    result = image.astype(np.float64)
    result[removed] = solved + rng.normal(0, _NOISE, known.shape)
    return np.asarray(result.round().clip(0, 255), np.uint8)


def _equations(image: Numbers, removed: NDArray[np.bool_]) -> tuple[csc_array, Numbers]:
    """Each of k removed pixels as the weighted mean of its neighbours: (k, k), and (k, c)."""
    number = np.cumsum(removed).reshape(removed.shape) - 1
    places = np.argwhere(removed)
    known, weights = np.zeros((len(places), image.shape[2])), np.zeros(len(places))
    own = np.arange(len(places))
    entries = []
    for down, across, weight in _NEIGHBOURS:
        near = places + np.array([down, across])
        rows = np.flatnonzero(((near >= 0) & (near < removed.shape)).all(axis=1))
        y, x = near[rows].T
        weights[rows] += weight
        gone = removed[y, x]
        known[rows[~gone]] += weight * image[y[~gone], x[~gone]]
        entries.append((rows[gone], number[y[gone], x[gone]], np.full(gone.sum(), -weight)))
    entries.append((own, own, weights))
    row, column, value = (np.concatenate(parts) for parts in zip(*entries, strict=True))
    return csc_array((value, (row, column)), shape=(len(places), len(places))), known
