"""Average precision and confusion of classes, by the package ``supervision``."""

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
    """The module, imported when it is first needed.

    Raises:
        InputError: it is not installed.

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
    """As ``supervision.Detections``."""
    return supervision().Detections(
        xyxy=found.boxes.astype(np.float32),
        class_id=found.classes.astype(int),
        confidence=found.scores.astype(np.float32),
    )


def true_detections(truth: PictureLabels) -> Any:
    """As ``supervision.Detections``; what is ignored is a crowd, as COCO calls it."""
    return supervision().Detections(
        xyxy=truth.boxes.astype(np.float32),
        class_id=truth.classes.astype(int),
        data={"iscrowd": truth.ignored.astype(int)},
    )


MOST = 300
"""Boxes of a picture and a class that count, the surest; COCO's 100 are too few for an audience."""


@dataclass(frozen=True, slots=True)
class ClassPrecision:
    """Of one class.

    Attributes:
        ap50: Average precision where an intersection over union of 0.5 is enough.
        ap50_95: Mean over the ten least overlaps 0.5, 0.55 … 0.95.

    """

    ap50: float
    ap50_95: float


@dataclass(frozen=True, slots=True)
class AveragePrecision:
    """Of a detector on a set.

    Attributes:
        map50: Mean of ``ap50`` over the classes that the set shows.
        map50_95: The same of ``ap50_95``.
        classes: Each of these classes, by its name; others cannot be judged.

    """

    map50: float
    map50_95: float
    classes: dict[str, ClassPrecision]


def average_precision(
    found: Sequence[Detections], truth: Sequence[PictureLabels], names: Sequence[str]
) -> AveragePrecision:
    """Judge the detections of a set.

    Args:
        found: In each picture, down to low scores.
        truth: Of each picture.
        names: Of the classes, in the order of their numbers.

    Raises:
        InputError: the package ``supervision`` is not installed.
        ValueError: not one truth a picture, or there is nothing to find.

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
        if own.ap50 >= 0:  # -1: all of the class are ignored
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
