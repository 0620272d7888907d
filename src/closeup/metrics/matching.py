"""Which box that was found is which box that is there."""

from __future__ import annotations

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
