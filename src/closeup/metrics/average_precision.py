"""Average precision and confusion matrix, by the package ``supervision``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from closeup.detections import Detections
from closeup.errors import InputError
from closeup.labels import PictureLabels
from closeup.metrics.matching import UNCOUNTED, matched


def supervision() -> Any:
    """Import the package ``supervision`` on first use.

    Raises:
        InputError: the package is not installed.

    """
    try:
        import supervision as package
    except ImportError as error:
        raise InputError(
            "judging detections needs the package supervision, which is not installed; "
            "run: pip install 'closeup[train]'"
        ) from error
    return package


def found_detections(found: Detections) -> Any:
    """Convert detections to ``supervision.Detections``."""
    return supervision().Detections(
        xyxy=found.boxes.astype(np.float32),
        class_id=found.classes.astype(int),
        confidence=found.scores.astype(np.float32),
    )


def true_detections(truth: PictureLabels) -> Any:
    """Convert labels to ``supervision.Detections``; ignored boxes get COCO's ``iscrowd``."""
    return supervision().Detections(
        xyxy=truth.boxes.astype(np.float32),
        class_id=truth.classes.astype(int),
        data={"iscrowd": truth.ignored.astype(int)},
    )


MOST = 300
"""Boxes per picture and class that count, best first; COCO's 100 are too few for an audience."""


@dataclass(frozen=True, slots=True)
class ClassPrecision:
    """Average precision of one class.

    Attributes:
        ap50: Average precision at a least intersection over union of 0.5.
        ap50_95: Mean average precision over the ten thresholds 0.5, 0.55 … 0.95.

    """

    ap50: float
    ap50_95: float


@dataclass(frozen=True, slots=True)
class AveragePrecision:
    """Average precision of a detector on a set.

    Attributes:
        map50: Mean of ``ap50`` over the classes in the set.
        map50_95: Mean of ``ap50_95`` over these classes.
        classes: Figures of these classes, by name; classes without a true box are left out.

    """

    map50: float
    map50_95: float
    classes: dict[str, ClassPrecision]


def average_precision(
    found: Sequence[Detections], truth: Sequence[PictureLabels], names: Sequence[str]
) -> AveragePrecision:
    """Compute the average precision of the detections of a set.

    Args:
        found: Detections in each picture, down to low scores.
        truth: Labels of each picture.
        names: Names of the classes, in the order of their numbers.

    Raises:
        InputError: the package ``supervision`` is not installed.
        ValueError: the lengths differ, or there is no true box.

    """
    if len(found) != len(truth):
        raise ValueError(f"detections of {len(found)} pictures, truth of {len(truth)}")
    if not any((~own.ignored).any() for own in truth):
        raise ValueError("average precision needs at least one true box")
    metric = supervision().metrics.MeanAveragePrecision(max_detection_thresholds=(1, 10, MOST))
    metric.update(list(map(found_detections, found)), list(map(true_detections, truth)))
    result = metric.compute()
    classes = {}
    for number, scores in zip(result.matched_classes, result.ap_per_class, strict=True):
        own = ClassPrecision(float(scores[0]), float(scores.mean()))
        if own.ap50 >= 0:  # -1: all boxes of the class are ignored
            classes[names[int(number)]] = own
    return AveragePrecision(
        math.fsum(own.ap50 for own in classes.values()) / len(classes),
        math.fsum(own.ap50_95 for own in classes.values()) / len(classes),
        classes,
    )


def confusion(
    found: Sequence[Detections],
    truth: Sequence[PictureLabels],
    names: Sequence[str],
    score_threshold: float = 0.25,
    overlap: float = 0.5,
) -> NDArray[np.int64]:
    """Count boxes by true and found class.

    Args:
        found: Detections in each picture.
        truth: Labels of each picture; ignored boxes do not count.
        names: Names of the c classes, in the order of their numbers.
        score_threshold: Boxes of a lower score count as not found.
        overlap: Least intersection over union of a pair, which may be of different classes.

    Returns:
        (c + 1, c + 1) int64: a row for each true class, a column for each found class. The
        last row counts false detections, the last column missed boxes.

    Raises:
        InputError: the package ``supervision`` is not installed.
        ValueError: the lengths differ.

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
    """Remove ignored boxes, and detections on them."""
    return found[matched(found, truth, overlap) != UNCOUNTED], truth[~truth.ignored]
