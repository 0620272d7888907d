"""Association of detected faces with the heads that are tracked."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from closeup.geometry import Boxes, iou
from closeup.linear_programmes import Constraints, minimum

_SMALLEST_OVERLAP = 0.15
_CLOTHES_WEIGHT = 0.5
_PAIRED = 1e3
"""Gain of a pair as such, above any sum of overlaps and similarities."""

Associate = Callable[
    [Boxes, Boxes, NDArray[np.float32], NDArray[np.float32]], list[tuple[int, int]]
]
"""Pairs predicted boxes with detected ones, as :func:`closeup.tracking.association.associate`."""


def associate(
    predicted: Boxes,
    detected: Boxes,
    likeness: NDArray[np.float32],
    least_likeness: NDArray[np.float32],
) -> list[tuple[int, int]]:
    """Pair heads with faces so that the sum of overlap and clothing similarity is greatest.

    The assignment is exact: a linear programme. Pairs that hardly overlap are left out: a tracklet
    that ends too early does no harm, one that jumps to a neighbour shows a wrong person.

    Args:
        predicted: (n, 4) predicted boxes of the heads, xyxy in pixels.
        detected: (m, 4) boxes of the detected faces, xyxy in the same pixels.
        likeness: (n, m) similarity of clothes in 0..1.
        least_likeness: (n,) similarity threshold of each head; pairs below it are left out.

    Returns:
        Pairs (row of ``predicted``, row of ``detected``).

    """
    if not len(predicted) or not len(detected):
        return []
    overlap = iou(predicted, detected)
    allowed = (overlap >= _SMALLEST_OVERLAP) & (likeness >= least_likeness[:, None])
    rows, columns = np.nonzero(allowed)
    gain = overlap + _CLOTHES_WEIGHT * likeness
    chosen = _best_pairs(rows, columns, gain[rows, columns].astype(np.float64))
    return list(zip(rows[chosen].tolist(), columns[chosen].tolist(), strict=True))


def _best_pairs(
    rows: NDArray[np.intp], columns: NDArray[np.intp], gain: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Choose as many pairs as possible, then those of greatest gain, each row and column once."""
    lists = [np.flatnonzero(side == key) for side in (rows, columns) for key in np.unique(side)]
    rivals = [pairs.tolist() for pairs in lists if len(pairs) > 1]
    if not rivals:
        return np.ones(len(gain), bool)
    # The matrix of an assignment is totally unimodular, so that its best vertex is whole.
    once = Constraints.sums(rivals, len(gain))
    return minimum(-gain - _PAIRED, once, (-np.inf, 1.0), (0.0, 1.0)).values > 0.5
