"""What is taken for what."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from closeup.detections import Detections
from closeup.labels import PictureLabels
from closeup.metrics.matching import UNCOUNTED, matched
from closeup.metrics.package import found_detections, supervision, true_detections


def confusion(
    found: Sequence[Detections],
    truth: Sequence[PictureLabels],
    names: Sequence[str],
    score_threshold: float = 0.25,
    overlap: float = 0.5,
) -> NDArray[np.int64]:
    """Count boxes by what they are and what they are taken for.

    Args:
        found: In each picture.
        truth: Of each picture; what is ignored does not count.
        names: Of the c classes, in the order of their numbers.
        score_threshold: Boxes below are taken as not found.
        overlap: Least intersection over union of a pair, of whatever classes.

    Returns:
        (c + 1, c + 1): a row for each true class, a column for each found one. The last row is
        what was found on nothing, the last column what was not found.

    Raises:
        InputError: the package ``supervision`` is not installed.
        ValueError: not one truth a picture.

    """
    counted = [_counted(*both, overlap) for both in zip(found, truth, strict=True)]
    made = supervision().metrics.detection.ConfusionMatrix.from_detections(
        [found_detections(own) for own, _ in counted],
        [true_detections(true) for _, true in counted],
        list(names),
        conf_threshold=score_threshold,
        iou_threshold=overlap,
    )
    return np.asarray(made.matrix, np.int64)


def _counted(
    found: Detections, truth: PictureLabels, overlap: float
) -> tuple[Detections, PictureLabels]:
    """Without what is ignored, and without what was found there."""
    return found[matched(found, truth, overlap) != UNCOUNTED], truth[~truth.ignored]
