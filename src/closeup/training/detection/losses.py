"""Losses of detectors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn import functional

from closeup.training.detection.assignment import (
    Assignment,
    AssignmentOptions,
    TargetBatch,
    assign,
)
from closeup.training.detection.decode import CellGrid, Places, places
from closeup.training.detection.network import Answer
from closeup.training.detection.overlap import fair_overlap, sides_of

_KNEE = 0.05
"""Fraction of the box's side above which errors of points count linearly, not squared."""


@dataclass(frozen=True, slots=True)
class DetectionLossOptions:
    """Weights of the parts of the loss.

    Attributes:
        classes: Weight of the loss of scores.
        boxes: Weight of the loss of boxes.
        points: Weight of the loss of key point positions.
        visible: Weight of the loss of key point visibility.
        class_weights: Factor for each class, for rare classes; None: all 1.
        assignment: Options of the assignment of cells to boxes.

    Raises:
        ValueError: a weight is negative.

    """

    classes: float = 1.0
    boxes: float = 5.0
    points: float = 5.0
    visible: float = 0.2
    class_weights: tuple[float, ...] | None = None
    assignment: AssignmentOptions = field(default_factory=AssignmentOptions)

    def __post_init__(self) -> None:
        weights = (self.classes, self.boxes, self.points, self.visible)
        if min(*weights, *(self.class_weights or ())) < 0:
            raise ValueError("weights of losses must not be negative")


def detection_losses(
    answer: Answer, batch: Mapping[str, Tensor], grid: CellGrid, options: DetectionLossOptions
) -> dict[str, Tensor]:
    """All losses of a batch.

    Scores are trained by cross-entropy with the target scores of the assignment. Varifocal loss
    would weight a cell by its target, and so reduce the weight of small faces, whose targets are
    lower. All losses are divided by the sum of the target scores: a batch with many objects does
    not weigh more, and background does not dominate a batch with few.

    Args:
        answer: The network's outputs for n pictures.
        batch: ``owner`` (m,) int64, index of the picture; ``boxes`` (m, 4) xyxy in pixels;
            ``classes`` (m,) int64; ``points`` (m, k, 3) x, y and 0 (not labelled), 1 (hidden)
            or 2 (visible); the position of a hidden point is trained, too. m may be 0.
        grid: The cells.
        options: Weights of the parts.

    Returns:
        Scalars: ``loss``, the weighted sum, and ``classes``, ``boxes``, ``points``, ``visible``;
        0 if the batch has no label for the part.

    """
    seen, logits = places(answer, grid), answer.classes.float()
    truth = TargetBatch(batch["owner"], batch["boxes"].float(), batch["classes"])
    assigned = assign(truth, logits.sigmoid(), seen.boxes, grid, options.assignment)
    total = assigned.score.sum().clamp(min=1)
    own_class = truth.classes[assigned.truth]
    weight = _class_weights(options, logits)
    weighted = assigned.score * weight[own_class]
    parts = {
        "classes": (_class_losses(logits, assigned, own_class) * weight[:, None]).sum() / total,
        "boxes": (_box_losses(seen, assigned, truth) * weighted).sum() / total,
        **_point_losses(seen, assigned, truth, batch["points"].float(), weighted, total),
    }
    loss = (
        options.classes * parts["classes"]
        + options.boxes * parts["boxes"]
        + options.points * parts["points"]
        + options.visible * parts["visible"]
    )
    return {"loss": loss, **parts}


def _class_weights(options: DetectionLossOptions, logits: Tensor) -> Tensor:
    count = logits.shape[1]
    if options.class_weights is None:
        return logits.new_ones(count)
    if len(options.class_weights) != count:
        raise ValueError(f"{len(options.class_weights)} weights for {count} classes")
    return logits.new_tensor(options.class_weights)


def _class_losses(logits: Tensor, assigned: Assignment, own_class: Tensor) -> Tensor:
    """Cross-entropy of each class in each cell, (n, C, N)."""
    target = torch.zeros_like(logits)
    target[assigned.image, own_class, assigned.cell] = assigned.score
    return functional.binary_cross_entropy_with_logits(logits, target, reduction="none")


def _box_losses(seen: Places, assigned: Assignment, truth: TargetBatch) -> Tensor:
    """Box loss of each assigned cell, (p,); 0 if its box equals the true one."""
    found = seen.boxes[assigned.image, assigned.cell]
    return 1 - fair_overlap(found, truth.boxes[assigned.truth], complete=True)


def _point_losses(
    seen: Places,
    assigned: Assignment,
    truth: TargetBatch,
    points: Tensor,
    weight: Tensor,
    total: Tensor,
) -> dict[str, Tensor]:
    """Losses of position and visibility of key points, each a mean over the points of a box."""
    if not points.shape[1]:
        nothing = seen.points.sum() * 0
        return {"points": nothing, "visible": nothing}
    boxes, wanted = truth.boxes[assigned.truth], points[assigned.truth]
    known, shown = (wanted[..., 2] > 0).float(), (wanted[..., 2] > 1).float()
    side = sides_of(boxes).clamp(min=1).prod(1).sqrt()[:, None, None]
    found = seen.points[assigned.image, :, :, assigned.cell]
    # The coordinates of an unlabelled point may be any number, even NaN.
    place = torch.where(known[..., None] > 0, wanted[..., :2], found.detach())
    away = functional.smooth_l1_loss(found / side, place / side, reduction="none", beta=_KNEE)
    doubt = functional.binary_cross_entropy_with_logits(
        seen.visible[assigned.image, :, assigned.cell], shown, reduction="none"
    )
    return {
        "points": (away.sum(2).mul(known).mean(1) * weight).sum() / total,
        "visible": (doubt.mean(1) * weight).sum() / total,
    }
