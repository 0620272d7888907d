"""Colour histograms of clothes, which are assumed not to change within one video."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.frames import RGBImage
from closeup.geometry import Boxes, centres_of, sides_of, widths_of

Histogram = NDArray[np.float32]
"""Shares of colours that sum to 1, or all zeros if the clothes are unknown; shape (BINS,)."""

_LEVELS = (4, 8, 8)
BINS = int(np.prod(_LEVELS))
"""Length of a histogram: lightness × green-red × blue-yellow (CIE Lab)."""

_CHROMA_RANGE = (68, 188)
"""Stage colours lie well inside Lab's a and b range of 0..255; bins outside would stay empty."""

_SMALLEST_SHARE = 0.4
"""Minimum share of the torso inside the picture; below it the histogram is zero."""


class TorsoMatch(NamedTuple):
    """A torso found by its colours: the face box (4,) above it, and the clothing similarity."""

    box: NDArray[np.float32]
    similarity: float


def torso_boxes(faces: Boxes) -> Boxes:
    """The torso below each face box, from below the chin down; shape (n, 4).

    It is 1.5 face widths wide: shoulders are wider, except those of a person who turns aside.
    """
    x1, y1, x2, y2 = faces.T
    half, height, centre = 0.75 * (x2 - x1), y2 - y1, (x1 + x2) / 2
    return np.stack(
        [centre - half, y2 + 0.35 * height, centre + half, y2 + 2.1 * height], axis=1
    ).astype(np.float32)


def body_boxes(faces: Boxes) -> Boxes:
    """Boxes of torso and arms at the height of the torso; shape (n, 4)."""
    torsos = torso_boxes(faces)
    reach = 0.75 * (widths_of(torsos))
    torsos[:, 0] -= reach
    torsos[:, 2] += reach
    return torsos


def colour_bins(image: RGBImage) -> NDArray[np.uint8]:
    """The histogram bin of every pixel; shape (H, W), values below BINS."""
    lab = cv2.cvtColor(image, cv2.COLOR_RGB2LAB)
    lightness, a, b = cv2.split(cv2.LUT(lab, _BIN_OF_VALUE))
    return np.asarray(cv2.add(cv2.add(lightness, a), b), np.uint8)


def _bin_of_value() -> NDArray[np.uint8]:
    """What each value of Lab's three channels adds to the number of a bin; shape (1, 256, 3)."""
    low, high = _CHROMA_RANGE
    values = np.arange(256)
    chroma = (np.clip(values, low, high - 1) - low) * _LEVELS[1] // (high - low)
    lightness = values // (256 // _LEVELS[0])
    terms = [lightness * _LEVELS[1] * _LEVELS[2], chroma * _LEVELS[2], chroma]
    return np.stack(terms, axis=-1).astype(np.uint8)[None]


_BIN_OF_VALUE = _bin_of_value()


def histograms(bins: NDArray[np.uint8], faces: Boxes) -> NDArray[np.float32]:
    """Colour histograms of the clothes below each face.

    Args:
        bins: :func:`colour_bins` of the picture, shape (H, W).
        faces: (n, 4) face boxes in the same pixels.

    Returns:
        (n, BINS) float32; a row is zero if most of the torso is outside the picture.

    """
    out = np.zeros((len(faces), BINS), np.float32)
    height, width = bins.shape
    for row, box in zip(out, torso_boxes(faces), strict=True):
        x1, y1 = np.maximum(box[:2], 0).astype(int)
        x2, y2 = np.minimum(box[2:], (width, height)).astype(int)
        whole = sides_of(box).prod()
        if x2 - x1 < 2 or y2 - y1 < 2 or (x2 - x1) * (y2 - y1) < _SMALLEST_SHARE * whole:
            continue
        row[:] = _histogram(bins[y1:y2, x1:x2])
    return out


def _histogram(bins: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Shares of the bins, each smoothed over its neighbours: stage light shifts all colours."""
    counts = np.bincount(bins.ravel(), minlength=BINS) / bins.size
    return np.asarray(_SMOOTHING @ counts, np.float32)


def _smoothing() -> NDArray[np.float64]:
    """Matrix (BINS, BINS) that leaves half of each bin and gives a quarter to each neighbour.

    It does so along each axis in turn; beyond its ends the first and last bin are repeated.
    """
    axes = []
    for levels in _LEVELS:
        along = np.eye(levels) / 2 + (np.eye(levels, k=1) + np.eye(levels, k=-1)) / 4
        along[0, 0] = along[-1, -1] = 3 / 4
        axes.append(along)
    lightness, a, b = axes
    return np.asarray(np.kron(np.kron(lightness, a), b), np.float64)


_SMOOTHING = _smoothing()


def similarity(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """Bhattacharyya coefficient of histograms along the last axis: 1 if equal, 0 if disjoint."""
    return np.asarray(np.sqrt(np.maximum(a * b, 0)).sum(axis=-1), np.float32)


def find_torso(
    bins: NDArray[np.uint8], clothes: Histogram, near: NDArray[np.float32], radius: float
) -> TorsoMatch | None:
    """Search for clothes around a face box.

    Every pixel is weighted by the ratio of its colour's share in the clothes to that in the
    picture (ratio histogram back-projection: Swain and Ballard, "Color indexing", IJCV 1991).
    The result is the torso-sized window with the highest weight.

    Args:
        bins: :func:`colour_bins` of the picture, shape (H, W).
        clothes: Histogram to search for.
        near: (4,) face box where the search starts, xyxy in the same pixels.
        radius: Largest horizontal movement in pixels; the vertical one is a third of it.

    Returns:
        The face box moved to the place found, and the similarity of the clothes there; None if
        the search area holds no whole torso.

    """
    torso = torso_boxes(near[None])[0]
    height, width = bins.shape
    reach = np.array([radius, radius / 3])
    x1, y1 = np.maximum(torso[:2] - reach, 0).astype(int)
    x2, y2 = np.minimum(torso[2:] + reach, (width, height)).astype(int)
    window = np.maximum(sides_of(torso).astype(int), 1)
    if x2 - x1 < window[0] or y2 - y1 < window[1]:
        return None
    picture = _histogram(bins)
    weight = np.minimum(clothes / np.maximum(picture, 1e-4), 4.0).astype(np.float32)
    density = cv2.boxFilter(
        weight[bins[y1:y2, x1:x2]],
        -1,
        tuple(int(v) for v in window),
        borderType=cv2.BORDER_CONSTANT,
    )
    row, column = np.unravel_index(int(density.argmax()), density.shape)
    shift = np.array([x1 + column, y1 + row], np.float32) - centres_of(torso)
    box = (near + np.tile(shift, 2)).astype(np.float32)
    there = histograms(bins, box[None])[0]
    return TorsoMatch(box, float(similarity(there, clothes)))
