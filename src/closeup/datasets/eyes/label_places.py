"""Checks the plausibility of labels by their positions alone, without the pictures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from closeup.geometry import Size

LEAST_LABELS = 30
"""Smallest number of labels whose scatter is checked."""

MOST_OUTSIDE = 0.01
"""Largest plausible share of labels outside their crops."""
MOST_AT_CORNERS = 0.02
"""Largest plausible share of labels in the corners, which are 1/400 of the crop each."""
MOST_ON_BORDERS = 0.1
"""Largest plausible share of labels within 1.5 pixels of the border."""
LEAST_SCATTER = 0.004
"""Smallest plausible interquartile range of x and of y: a quarter of a pixel of 64."""
MOST_ALIKE = 0.3
"""Largest plausible share of labels with exactly the same x, or the same y."""

_CORNER = 0.05
_BORDER = 1.5


def place_fault(labels: NDArray[np.floating], size: Size) -> str:
    """Return the fault of the labels' positions, with its likely cause; empty if there is none.

    Args:
        labels: (n, 2) x and y; 0 and 1 should be the edges of the crops.
        size: Size of the crops, in pixels.

    """
    if not len(labels):
        return ""
    if not np.isfinite(labels).all():
        return f"{_percent(~np.isfinite(labels).all(axis=1))} of the labels are no numbers"
    # The order matters: an earlier fault causes later ones.
    for look in (_outside, _constant, _at_corners, _on_borders):
        fault = look(labels.astype(np.float64), size)
        if fault:
            return fault
    return ""


def inside(labels: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Return which labels (n, 2) lie inside their crops; (n,) bool."""
    return np.asarray(((labels >= 0) & (labels <= 1)).all(axis=1))


def _outside(labels: NDArray[np.float64], size: Size) -> str:
    out = ~inside(labels)
    if out.mean() <= MOST_OUTSIDE:
        return ""
    middle = np.median(labels, axis=0)
    if (np.abs(middle - 0.5) <= 0.5).all():
        cause = "are the crops too narrow, or was something added to the labels?"
    elif (middle < 0).any():
        cause = "was a crop's origin subtracted twice?"
    elif inside((labels + 0.5) / np.array(size)).mean() > 0.9:
        cause = "are they pixels of the crop, not divided by its size?"
    else:
        cause = "are they pixels of the whole picture?"
    return f"{_percent(out)} of the labels lie outside their crops: {cause}"


def _constant(labels: NDArray[np.float64], size: Size) -> str:
    del size
    if len(labels) < LEAST_LABELS:
        return ""
    low, high = np.quantile(labels, (0.25, 0.75), axis=0)
    still = high - low < LEAST_SCATTER
    if still.all() and (high < 2 * _CORNER).all():
        return _twice(labels)
    for axis in (0, 1):
        values, counts = np.unique(labels[:, axis].round(5), return_counts=True)
        if still[axis] or counts.max() > MOST_ALIKE * len(labels):
            value, share = float(values[counts.argmax()]), counts.max() / len(labels)
            what = f"{_share(share)} of the labels have the same" if share > MOST_ALIKE else (
                "nearly all labels have the same"
            )  # fmt: skip
            return (
                f"{what} {'xy'[axis]}, about {value:.3g}: did the method find nothing and "
                "answer with a default?"
            )
    return ""


def _at_corners(labels: NDArray[np.float64], size: Size) -> str:
    del size
    near = ((labels < _CORNER) | (labels > 1 - _CORNER)).all(axis=1)
    if len(labels) < LEAST_LABELS or near.mean() <= MOST_AT_CORNERS:
        return ""
    if (np.median(labels, axis=0) < 2 * _CORNER).all():
        return _twice(labels)
    return (
        f"{_percent(near)} of the labels lie in a corner of their crops: "
        "does a method that found nothing answer with 0 or 1?"
    )


def _on_borders(labels: NDArray[np.float64], size: Size) -> str:
    edge = _BORDER / np.array(size)
    near = ((labels < edge) | (labels > 1 - edge)).any(axis=1)
    if len(labels) < LEAST_LABELS or near.mean() <= MOST_ON_BORDERS:
        return ""
    return (
        f"{_percent(near)} of the labels lie on the border of their crops: "
        "were they clipped, or are the crops too narrow?"
    )


def _twice(labels: NDArray[np.float64]) -> str:
    near = (labels < 2 * _CORNER).all(axis=1)
    return (
        f"{_percent(near)} of the labels lie in the upper left corner of their crops: "
        "were they divided by the crop's size twice?"
    )


def _percent(mask: NDArray[np.bool_] | np.bool_) -> str:
    return _share(float(mask.mean()))


def _share(share: float) -> str:
    return "all" if share == 1 else f"{100 * share:.{0 if share >= 0.1 else 1}f} %"
