"""Losses of pupil networks."""

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
    """Form and weights of the parts of the loss.

    Attributes:
        points: ``robust`` is quadratic for small errors and linear above, as Huber's loss:
            the gradient of a grossly wrong label is no larger than that of a slightly wrong
            one. ``mse`` is quadratic everywhere.
        quadratic: Percent of the eye distance up to which ``robust`` is quadratic.
        openness: Weight of the loss of openness, relative to that of the points.
        visible: Weight of the loss of visibility.
        spread: Weight of the loss of the spread, which trains the spread alone.

    Raises:
        ValueError: the loss is unknown, or a number is negative.

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
            raise ValueError("weights of losses must be 0 or more, and quadratic above 0")


def pupil_losses(
    answer: EyeAnswer, batch: Mapping[str, Tensor], given: EyeInput, options: PupilLossOptions
) -> dict[str, Tensor]:
    """All losses of a batch.

    Args:
        answer: The network's outputs for n eyes.
        batch: ``points`` (n, k, 2) as fractions of the crop's sides and ``openness`` (n,), NaN
            where unknown; ``visible`` (n,), 1 or 0; ``weight`` (n,) of each eye.
        given: The crops that the network takes.
        options: Form and weights of the parts.

    Returns:
        Scalars: ``loss``, the weighted sum, and ``points``, ``openness``, ``visible``,
        ``spread``; 0 if the batch has no label for the part.

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
    """Which of the points (n, k, 2) are known; (n, k) bool."""
    return torch.isfinite(truth).all(2)


def point_errors(found: Tensor, truth: Tensor, given: EyeInput) -> Tensor:
    """Euclidean distances between points, in eye distances; about 0 where the truth is unknown.

    Args:
        found: (n, k, 2) x, y as fractions of a crop's sides.
        truth: (n, k, 2), likewise; NaN where unknown.
        given: The crops, for their extent.

    Returns:
        Distances (n, k).

    """
    away = torch.where(known_points(truth)[..., None], found.float() - truth, 0.0)
    squared = (away * found.new_tensor(given.extent)).square().sum(2)
    # A tiny number keeps the root's gradient finite where a point is exact.
    return (squared + 1e-10).sqrt()


def _graded(errors: Tensor, options: PupilLossOptions) -> Tensor:
    """Losses of errors in percent; the linear part has slope 1 per percent."""
    knee = options.quadratic
    quadratic = errors.square() / (2 * knee)
    if options.points == "mse":
        return quadratic
    return torch.where(errors < knee, quadratic, errors - knee / 2)


def _openness_losses(logits: Tensor, truth: Tensor) -> Tensor:
    """Cross-entropy with a soft target: smallest where the prediction equals the target."""
    share = truth.nan_to_num(0.5).clamp(0, 1)
    return functional.binary_cross_entropy_with_logits(logits, share, reduction="none")


def _spread_losses(spread: Tensor, errors: Tensor) -> Tensor:
    """Negative log-likelihood of exponentially distributed errors.

    The mean of ``log(s) + e / s`` is smallest where ``s`` is the mean of the errors.
    """
    return spread.log() + errors / spread


def _mean(losses: Tensor, weight: Tensor) -> Tensor:
    """Weighted mean; 0, with a gradient of 0, if all weights are 0."""
    return (losses * weight).sum() / weight.sum().clamp(min=1e-6)
