"""ROC curve of distances, the area under it, and the equal error rate.

A pair is accepted as one person when its distance is **below** the threshold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Roc:
    """One point per threshold, from "accept nothing" to "accept all".

    Attributes:
        thresholds: (n,) float64, all distinct distances ascending, then infinity.
        far: (n,) false accept rate, the share of accepted different pairs.
        val: (n,) validation rate, the share of accepted same pairs.

    """

    thresholds: NDArray[np.float64]
    far: NDArray[np.float64]
    val: NDArray[np.float64]


def accepted_share(
    distances: NDArray[np.floating], thresholds: NDArray[np.floating] | float
) -> NDArray[np.float64]:
    """Share of ``distances`` (n,) below each threshold; the shape of ``thresholds``.

    Raises:
        ValueError: there is no distance.

    """
    if not len(distances):
        raise ValueError("a share needs at least one pair")
    return np.asarray(np.searchsorted(np.sort(distances), thresholds) / len(distances), np.float64)


def roc_curve(distances: NDArray[np.floating], same: NDArray[np.bool_]) -> Roc:
    """The ROC curve of pairs with ``distances`` (p,); ``same`` (p,) marks pairs of one person.

    Raises:
        ValueError: one of the two kinds of pairs is missing.

    """
    thresholds = np.append(np.unique(distances).astype(np.float64), np.inf)
    return Roc(
        thresholds,
        accepted_share(distances[~same], thresholds),
        accepted_share(distances[same], thresholds),
    )


def area_under_curve(distances: NDArray[np.floating], same: NDArray[np.bool_]) -> float:
    """Probability that a different pair is farther apart than a same pair, ties counting half.

    The exact area under the ROC curve: the rank statistic of Mann and Whitney (1947).

    Raises:
        ValueError: one of the two kinds of pairs is missing.

    """
    alike, others = np.sort(distances[same]), distances[~same]
    if not len(alike) or not len(others):
        raise ValueError("an area needs pairs of both kinds")
    nearer, ties_too = (np.searchsorted(alike, others, side) for side in ("left", "right"))
    return float((nearer + ties_too).sum() / (2 * len(alike) * len(others)))


def equal_error_rate(roc: Roc) -> float:
    """The rate at which false accepts and false rejects are equally frequent.

    The curve is interpolated linearly between two thresholds.
    """
    excess = roc.far + roc.val - 1
    last = int(np.flatnonzero(excess >= 0)[0])
    first = last - 1  # the first point accepts nothing: its excess is -1
    share = -excess[first] / (excess[last] - excess[first])
    return float(roc.far[first] + share * (roc.far[last] - roc.far[first]))
