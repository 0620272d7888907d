"""Association of detected faces with the heads that are tracked."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from closeup.geometry import Boxes, iou

_SMALLEST_OVERLAP = 0.15
_CLOTHES_WEIGHT = 0.5
_FORBIDDEN = 1e3

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

    The assignment is exact (Hungarian method). Pairs that hardly overlap are left out: a tracklet
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
    from scipy.optimize import linear_sum_assignment  # late: it takes a third of all imports

    overlap = iou(predicted, detected)
    cost = 1 - overlap + _CLOTHES_WEIGHT * (1 - likeness)
    cost[(overlap < _SMALLEST_OVERLAP) | (likeness < least_likeness[:, None])] = _FORBIDDEN
    rows, columns = linear_sum_assignment(cost)
    return [(int(r), int(c)) for r, c in zip(rows, columns, strict=True) if cost[r, c] < _FORBIDDEN]
