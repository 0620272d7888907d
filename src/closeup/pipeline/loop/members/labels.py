"""What is known of the heads of a frame: certain, called false, or not judged yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from closeup.annotations import LabelVerdict, Origin
from closeup.geometry import Boxes, iou
from closeup.store.label_records import StoredItem, StoredLabel

SAME_HEAD = 0.5
"""Intersection over union from which two boxes are of one head."""

_BY_HAND = (Origin.PERSON, Origin.INTERPOLATED)


@dataclass(frozen=True, slots=True)
class FrameLabels:
    """The boxes of a frame.

    Attributes:
        certain: Named boxes that were drawn by hand or called true, one for each head. Where a
            person called the frame complete, that holds for all boxes that were left in it.
        pending: Named boxes that a program proposed and nobody judged, without those of certain
            heads.
        unknown: Boxes that do not say who it is: without a name, or that people were unsure of.
        false: Boxes that people called false.
        complete: Whether a person said that all heads are labelled, so that there are no others.

    """

    certain: tuple[StoredLabel, ...]
    pending: tuple[StoredLabel, ...]
    unknown: tuple[StoredLabel, ...]
    false: tuple[StoredLabel, ...]
    complete: bool

    @classmethod
    def of(cls, item: StoredItem) -> FrameLabels:
        """Sort the boxes of an item."""
        boxes = [
            label
            for label in item.labels
            if label.annotation.box is not None and not label.annotation.absent
        ]
        verdicts = {label.object: label.annotation.verdict for label in boxes}
        false = [label for label in boxes if verdicts[label.object] is LabelVerdict.FALSE]
        named = [label for label in boxes if label.annotation.name and label not in false]
        hand = list(filter(is_by_hand, named))
        true = [label for label in named if verdicts[label.object] is LabelVerdict.TRUE]
        complete = item.verdict is LabelVerdict.TRUE
        left = [label for label in named if complete and not verdicts[label.object]]
        certain = one_a_head([*hand, *best_first(true), *best_first(left)])
        rest = [label for label in boxes if label not in (*hand, *true, *left, *false)]
        taken = boxes_of(certain)
        open_heads = [label for label in rest if not _on_any(label, taken)]
        unknown = [label for label in open_heads if verdicts[label.object] or label not in named]
        pending = [label for label in open_heads if label not in unknown]
        return cls(
            tuple(certain),
            tuple(pending),
            tuple(unknown),
            tuple(false),
            complete,
        )

    def heads(self) -> list[StoredLabel]:
        """Pending boxes, one for each head: the one with the highest score."""
        return one_a_head(best_first(self.pending))


def is_by_hand(label: StoredLabel) -> bool:
    """Whether a person set the box, or corrected it."""
    return label.annotation.origin in _BY_HAND


def boxes_of(labels: Iterable[StoredLabel]) -> Boxes:
    """The boxes (n, 4) of labels that have one, xyxy in pixels."""
    boxes = [label.annotation.box for label in labels]
    return np.array(boxes, np.float32).reshape(-1, 4)


def score_of(label: StoredLabel) -> float:
    """Confidence of a label; 1 if its method gives none, as for labels by hand."""
    score = label.annotation.score
    return 1.0 if score is None else score


def best_first(labels: Iterable[StoredLabel]) -> list[StoredLabel]:
    """Labels in the order of falling confidence."""
    return sorted(labels, key=score_of, reverse=True)


def one_a_head(labels: Sequence[StoredLabel]) -> list[StoredLabel]:
    """The first label of each head."""
    kept: list[StoredLabel] = []
    for label in labels:
        if not _on_any(label, boxes_of(kept)):
            kept.append(label)
    return kept


def _on_any(label: StoredLabel, boxes: Boxes) -> bool:
    return bool((iou(boxes_of([label]), boxes) >= SAME_HEAD).any())
