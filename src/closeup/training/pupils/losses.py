"""What networks that find pupils are to make small."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from closeup.training.pupils.network import EyeAnswer, EyeInput
from closeup.training.pupils.networks import POINT_LOSSES, PointLoss

_PERCENT = 100.0


@dataclass(frozen=True, slots=True)
class PupilLossOptions:
    """How the parts are weighed.

    Attributes:
        points: ``robust`` is quadratic for small errors and linear above, as Huber's loss:
            one label that is quite wrong pulls no harder than one that is a little wrong.
            ``mse`` is quadratic everywhere.
        quadratic: Percent of the eye distance up to which ``robust`` is quadratic.
        openness: Weight of the loss of openness, besides that of the points, which is 1.
        visible: Likewise.
        spread: Likewise; changes nothing but the spread.

    Raises:
        ValueError: no such loss, or a number is negative.

    """

    points: PointLoss = "robust"
    quadratic: float = 3.0
    openness: float = 0.3
    visible: float = 0.5
    spread: float = 0.3

    def __post_init__(self) -> None:
        if self.points not in POINT_LOSSES:
            raise ValueError(f"the loss must be {' or '.join(POINT_LOSSES)}, not {self.points!r}")
        if min(self.openness, self.visible, self.spread) < 0 or self.quadratic <= 0:
            raise ValueError("weights of losses must not be negative")


def pupil_losses(
    answer: EyeAnswer, batch: Mapping[str, Tensor], given: EyeInput, options: PupilLossOptions
) -> dict[str, Tensor]:
    """All losses of a batch.

    Args:
        answer: Of n eyes.
        batch: ``points`` (n, k, 2) as shares of the crop's sides and ``openness`` (n,), NaN
            where unknown; ``visible`` (n,), 1 or 0; ``weight`` (n,) of each eye.
        given: What the network was given.
        options: How they are weighed.

    Returns:
        Scalars: ``loss``, the weighted sum, and ``points``, ``openness``, ``visible``,
        ``spread``; 0 where the batch teaches nothing of it.

    """
    known = known_points(batch["points"])
    errors = point_errors(answer.points, batch["points"], given) * _PERCENT
    weight, pupil = batch["weight"], given.pupil
    doubts = _spread_losses(answer.spread * _PERCENT, errors[:, pupil].detach())
    opened = torch.isfinite(batch["openness"])
    parts = {
        "points": _mean(_graded(errors, options), weight[:, None] * known),
        "openness": _mean(_openness_losses(answer.openness, batch["openness"]), weight * opened),
        "visible": functional.binary_cross_entropy_with_logits(answer.visible, batch["visible"]),
        "spread": _mean(doubts, weight * known[:, pupil]),
    }
    total = (
        parts["points"]
        + options.openness * parts["openness"]
        + options.visible * parts["visible"]
        + options.spread * parts["spread"]
    )
    return {"loss": total, **parts}


def known_points(truth: Tensor) -> Tensor:
    """Which of the points (n, k, 2) are known; (n, k), bool."""
    return torch.isfinite(truth).all(2)


def point_errors(found: Tensor, truth: Tensor, given: EyeInput) -> Tensor:
    """Euclidean distances of points in eye distances; 0 where the truth is not known.

    Args:
        found: (n, k, 2) as shares of a crop's sides.
        truth: Likewise; NaN where unknown.
        given: The crop.

    Returns:
        (n, k).

    """
    away = torch.where(known_points(truth)[..., None], found.float() - truth, 0.0)
    squared = (away * found.new_tensor(given.extent)).square().sum(2)
    # A tiny number keeps the root's gradient finite where a point is exact.
    return (squared + 1e-10).sqrt()


def _graded(errors: Tensor, options: PupilLossOptions) -> Tensor:
    """Losses of errors in percent; one unit for one percent where they are linear."""
    knee = options.quadratic
    quadratic = errors.square() / (2 * knee)
    if options.points == "mse":
        return quadratic
    return torch.where(errors < knee, quadratic, errors - knee / 2)


def _openness_losses(logits: Tensor, truth: Tensor) -> Tensor:
    """Cross-entropy with a share as its truth: least where the answer is that share."""
    share = truth.nan_to_num(0.5).clamp(0, 1)
    return functional.binary_cross_entropy_with_logits(logits, share, reduction="none")


def _spread_losses(spread: Tensor, errors: Tensor) -> Tensor:
    """Negative log likelihood of errors that are exponentially distributed.

    ``log(s) + e / s`` is least, on average, where ``s`` is the mean of the errors.
    """
    return spread.log() + errors / spread


def _mean(losses: Tensor, weight: Tensor) -> Tensor:
    """Weighted mean; 0 where no weight is, with a gradient of 0."""
    return (losses * weight).sum() / weight.sum().clamp(min=1e-6)
