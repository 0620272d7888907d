"""Mean average precision, as COCO defines it and ``supervision`` computes it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from closeup.detections import Detections
from closeup.labels import PictureLabels
from closeup.metrics.package import found_detections, supervision, true_detections

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
