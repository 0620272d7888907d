"""Matching of detections with labels, and recall by the height of the objects."""

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
"""Instead of the index of a true box: a false detection; a detection on an ignored box."""


def matched(found: Detections, truth: PictureLabels, overlap: float) -> NDArray[np.int64]:
    """Pair boxes as COCO does: by falling score, each with the free true box of largest overlap.

    As a pair depends on detections of higher scores alone, the pairs above any score threshold
    are those that would result without the detections below it.

    Args:
        found: Detections in one picture.
        truth: Labels of the same picture.
        overlap: Least intersection over union of a pair, which is of one class. For an ignored
            box, the least share of the found box inside it: it may contain many faces.

    Returns:
        (n,) int64: the index of the true box, :data:`FALSE` or :data:`UNCOUNTED`.

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
    """Recall of the boxes in a range of heights.

    Attributes:
        least: Least height in pixels, inclusive.
        below: Upper limit of the height in pixels, exclusive; may be infinite.
        found: Number of found true boxes.
        there: Number of true boxes, without ignored ones.

    """

    least: float
    below: float
    found: int
    there: int

    @property
    def recall(self) -> float:
        """Share of the true boxes that is found; NaN if there is none."""
        return self.found / self.there if self.there else float("nan")


def recall_by_height(
    flags: Sequence[NDArray[np.bool_]], truth: Sequence[PictureLabels], edges: Sequence[float]
) -> list[HeightRecall]:
    """Count true and found boxes in each range of heights.

    Args:
        flags: For each picture a mask of its found true boxes, as in
            :class:`closeup.metrics.recall.Recall`.
        truth: Labels of each picture.
        edges: Heights in pixels, ascending; k + 1 edges make k ranges.

    Raises:
        ValueError: the lengths differ.

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
