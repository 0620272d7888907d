"""Which detections are right, and recall by the height of the objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from closeup.detections import Detections
from closeup.geometry import covered, iou
from closeup.labels import PictureLabels

FALSE, UNCOUNTED = -1, -2
"""Instead of the number of a true box: on nothing; on something that is ignored."""


def matched(found: Detections, truth: PictureLabels, overlap: float) -> NDArray[np.int64]:
    """Pair boxes as COCO does: the surest first, each with the free one that it covers best.

    As a pair is decided by surer ones alone, the pairs above any score are those that would be
    found if all below had been dropped.

    Args:
        found: In one picture.
        truth: Of the same picture.
        overlap: Least intersection over union of a pair, which is of one class. On an ignored
            box, the least share of the found box itself: a crowd holds many faces.

    Returns:
        (n,) the number of the true box, :data:`FALSE` or :data:`UNCOUNTED`.

    """
    same = found.classes[:, None] == truth.classes[None, :]
    overlaps = np.where(same & ~truth.ignored, iou(found.boxes, truth.boxes), -1.0)
    result = np.full(len(found), FALSE, np.int64)
    for row in np.argsort(-found.scores, kind="stable"):
        best = int(overlaps[row].argmax()) if len(truth) else FALSE
        if best != FALSE and overlaps[row, best] >= overlap:
            result[row] = best
            overlaps[:, best] = -1.0
    beside = (covered(found.boxes, truth.boxes) >= overlap) & same & truth.ignored
    result[(result == FALSE) & beside.any(axis=1)] = UNCOUNTED
    return result


@dataclass(frozen=True, slots=True)
class HeightRecall:
    """Of the boxes of some height.

    Attributes:
        least: Pixels, included.
        below: Pixels, not included; may be infinite.
        found: How many are found.
        there: How many there are, without those that are ignored.

    """

    least: float
    below: float
    found: int
    there: int

    @property
    def recall(self) -> float:
        """Share that is found; NaN where there is none."""
        return self.found / self.there if self.there else float("nan")


def recall_by_height(
    flags: Sequence[NDArray[np.bool_]], truth: Sequence[PictureLabels], edges: Sequence[float]
) -> list[HeightRecall]:
    """Count what is found between each two of the edges.

    Args:
        flags: For each picture which boxes are found, as :class:`closeup.metrics.recall.Recall`
            has them.
        truth: Of each picture.
        edges: Heights in pixels, ascending.

    Raises:
        ValueError: not one truth a picture.

    """
    counted = [~own.ignored for own in truth]
    heights = [
        own.boxes[kept, 3] - own.boxes[kept, 1] for own, kept in zip(truth, counted, strict=True)
    ]
    height = np.concatenate([np.empty(0), *heights])
    found = np.concatenate(
        [np.empty(0, np.bool_), *(own[kept] for own, kept in zip(flags, counted, strict=True))]
    )
    rows = []
    for least, below in pairwise(edges):
        inside = (height >= least) & (height < below)
        rows.append(HeightRecall(least, below, int(found[inside].sum()), int(inside.sum())))
    return rows
