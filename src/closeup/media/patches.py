"""Comparison of two pictures patch by patch: how much of a scene is in both.

The correlation of whole pictures falls as much when a few people move far as when the scene
changes. Patches of a scene that stays are found again nearby, wherever camera and people moved.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Picture = NDArray[np.float32]
"""A picture without its local mean, shape (h, w)."""

_PATCH = 9
"""Side of a patch in pixels of a thumbnail, about a fifth of its width; smaller ones are found
anywhere by chance."""

_STEP = 3
"""Distance of the patches in pixels."""

_FAR, _NEAR = 5, 2
"""Pixels that a patch may move, in each direction, during a dissolve and between two pictures."""

_FLAT = 1e-6
"""Minimum variance of a patch, so that flat ones can be divided by it."""

_GROWTH, _NOISE = 2.0, 0.05
"""A patch changes if its change is more than this many times those before and after, plus this."""


def resemblance(a: Picture, b: Picture) -> float:
    """Mean correlation of the patches of each picture with the most similar ones of the other.

    Pictures of one scene have 0.8 or more, if no more than half of it moves; by chance it is 0.55.
    """
    return float(_found(a, b, _FAR).mean() + _found(b, a, _FAR).mean()) / 2


def extent(pictures: NDArray[np.float32], first: int, last: int) -> float:
    """Extent of a change from one picture to a later one, compared with those before and after.

    A screen on the stage changes one side of the picture, and after pictures that were dropped
    only fast people have moved further than before; another moment of a scene changes both sides.

    Args:
        pictures: Pictures without their local mean, shape (n, h, w).
        first: Picture before the change.
        last: Picture after it.

    Returns:
        Share of changed patches in the left or right third, whichever has fewer; 0 to 1.

    """
    steps = ((i, i + 1) for i in (first - 2, first - 1, last, last + 1))
    around = [
        1 - _found(pictures[i], pictures[j], _NEAR)
        for i, j in steps
        if i >= 0 and j < len(pictures)
    ]
    change = 1 - _found(pictures[first], pictures[last], _NEAR)
    changed = change > _GROWTH * np.max([np.zeros_like(change), *around], axis=0) + _NOISE
    third = max(1, changed.shape[1] // 3)
    return float(min(changed[:, :third].mean(), changed[:, -third:].mean()))


def _found(a: Picture, b: Picture, reach: int) -> NDArray[np.float32]:
    """Correlation of each patch of ``a`` with the most similar one of ``b`` nearby, -1 to 1."""
    # Sums of squares in float32 are exact enough around zero only.
    a, b = (picture - picture.mean() for picture in (a, b))
    size, sides = min(_PATCH, *a.shape), 2 * reach + 1
    border: Picture = np.pad(b, reach, mode="symmetric")
    moved = sliding_window_view(border, (sides, sides)).reshape(*a.shape, sides * sides)
    at = tuple(slice(size // 2, size // 2 + side - size + 1, _STEP) for side in a.shape)
    means, energies = (
        sliding_window_view(_patch_means(values, size), (sides, sides))[at]
        for values in (border, border**2)
    )
    own, energy = (_patch_means(values, size)[at] for values in (a, a**2))
    products = _patch_means(moved * a[..., None], size)[at].reshape(means.shape)
    covariances = products - own[..., None, None] * means
    variances = np.maximum(energy - own**2, _FLAT)[..., None, None]
    variances = variances * np.maximum(energies - means**2, _FLAT)
    return np.asarray((covariances / np.sqrt(variances)).max(axis=(2, 3)).clip(-1, 1), np.float32)


def _patch_means(values: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """Mean of the patch around each pixel."""
    return np.asarray(cv2.boxFilter(values, cv2.CV_32F, (size, size)), np.float32)
