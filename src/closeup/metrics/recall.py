"""Recall of a detector at a given number of false detections per picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.detections import Detections
from closeup.labels import PictureLabels
from closeup.metrics.matching import FALSE, UNCOUNTED, matched


@dataclass(frozen=True, slots=True, eq=False)
class Recall:
    """One point of the FROC curve (free-response receiver operating characteristic).

    Attributes:
        recall: Share of the true boxes that are found.
        threshold: The score threshold of this point; infinite if no detection may count.
        false_per_image: Number of false detections per picture; at most the given limit.
        found: For each picture (m,) bool, which of its true boxes are found, false for ignored
            ones; for counts by size.

    """

    recall: float
    threshold: float
    false_per_image: float
    found: tuple[NDArray[np.bool_], ...]


def recall_at(
    found: Sequence[Detections],
    truth: Sequence[PictureLabels],
    false_per_image: float,
    overlap: float = 0.5,
) -> Recall:
    """The largest recall with at most ``false_per_image`` false boxes per picture.

    Scores may have any scale, since only their order counts: detectors are comparable if each
    returned all its detections, down to the lowest scores.

    Args:
        found: Detections in each picture.
        truth: Labels of each picture.
        false_per_image: Allowed number of false boxes, as a mean over all pictures.
        overlap: Least intersection over union of a found and a true box. Detectors differ in
            what a face's box covers, so 0.5 is strict for faces of ten pixels.

    Raises:
        ValueError: the lengths differ, or there is no true box.

    """
    if len(found) != len(truth):
        raise ValueError(f"detections of {len(found)} pictures, truth of {len(truth)}")
    total = sum(int((~own.ignored).sum()) for own in truth)
    if not total:
        raise ValueError("recall needs at least one true box")
    pairs = [matched(*both, overlap) for both in zip(found, truth, strict=True)]
    matches = np.concatenate(pairs)
    scores = np.concatenate([own.scores for own in found]).astype(np.float64)
    threshold = _threshold(scores, matches == FALSE, false_per_image * len(found))
    flags = tuple(
        _found_flags(own, len(true), own_found.scores >= threshold)
        for own, true, own_found in zip(pairs, truth, found, strict=True)
    )
    wrong = int(((matches == FALSE) & (scores >= threshold)).sum())
    right = sum(int(own.sum()) for own in flags)
    return Recall(right / total, threshold, wrong / len(found), flags)


def _threshold(scores: NDArray[np.float64], false: NDArray[np.bool_], most: float) -> float:
    """The lowest score threshold with at most ``most`` false detections; else infinite."""
    levels, level = np.unique(scores, return_inverse=True)
    wrong = np.bincount(level, weights=false, minlength=len(levels))
    above = wrong[::-1].cumsum()[::-1]
    allowed = np.flatnonzero(above <= most)
    return float(levels[allowed[0]]) if len(allowed) else float("inf")


def _found_flags(
    match: NDArray[np.int64], count: int, counted: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    flags = np.zeros(count, np.bool_)
    flags[match[counted & (match != FALSE) & (match != UNCOUNTED)]] = True
    return flags
