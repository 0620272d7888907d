"""AdamW, the schedules of learning rate and momentum, and the average of the weights."""

from __future__ import annotations

import math
from typing import Any

import torch
from lightning.pytorch.callbacks import WeightAveraging
from torch import Tensor, nn
from torch.optim import AdamW, Optimizer
from torch.optim.swa_utils import get_ema_multi_avg_fn

from closeup.training.options import Schedule

_WARM_UP = 0.2
_START, _END = 1 / 25, 1 / 25e4
_MOMENTA = 0.85, 0.95
_DECAY = 0.01


def rate_factor(schedule: Schedule, share: float) -> float:
    """The learning rate in units of its peak.

    ``one-cycle`` follows Smith and Topin, "Super-convergence" (2018), with cosines as in
    ``torch.optim.lr_scheduler.OneCycleLR``; ``exponential`` ends at a hundredth.

    Args:
        schedule: Name of the schedule.
        share: Fraction of the training that is done, from 0 to 1.

    """
    if schedule == "exponential":
        return float(_DECAY**share)
    if share < _WARM_UP:
        return _cosine(_START, 1.0, share / _WARM_UP)
    return _cosine(1.0, _END, (share - _WARM_UP) / (1 - _WARM_UP))


def momentum(schedule: Schedule, share: float) -> float:
    """Adam's first beta; with ``one-cycle`` it is lowest where the rate is highest."""
    low, high = _MOMENTA
    if schedule == "exponential":
        return 0.9
    if share < _WARM_UP:
        return _cosine(high, low, share / _WARM_UP)
    return _cosine(low, high, (share - _WARM_UP) / (1 - _WARM_UP))


def follow(optimizer: Optimizer, schedule: Schedule, peak: float, share: float) -> None:
    """Set the learning rate and momentum of the next step."""
    for group in optimizer.param_groups:
        group["lr"] = peak * rate_factor(schedule, share)
        group["betas"] = (momentum(schedule, share), group["betas"][1])


def _cosine(start: float, end: float, share: float) -> float:
    """From ``start`` to ``end`` along half a cosine."""
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2


def make_optimizer(network: nn.Module, rate: float, weight_decay: float) -> AdamW:
    """AdamW over all trainable parameters (Loshchilov and Hutter 2019).

    Vectors and scalars (biases, the scales of norms) get no weight decay: shrinking them
    does not regularise the network.

    Args:
        network: Its parameters without gradient are left out.
        rate: The learning rate.
        weight_decay: That of matrices and kernels.

    """
    learning = [parameter for parameter in network.parameters() if parameter.requires_grad]
    groups = [
        {"params": [p for p in learning if p.ndim > 1], "weight_decay": weight_decay},
        {"params": [p for p in learning if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return AdamW([group for group in groups if group["params"]], lr=rate)


class Averaging(WeightAveraging):
    """Lightning's averaging, with a decay that grows to its full value.

    After n steps the decay is at most (1 + n) / (10 + n), as in TensorFlow's
    ``ExponentialMovingAverage``: otherwise short trainings would keep much of the initial
    random weights.

    Args:
        decay: Full decay of the moving average, from 0 to below 1.

    """

    def __init__(self, decay: float) -> None:
        super().__init__(multi_avg_fn=_growing(decay))


def _growing(decay: float) -> Any:
    @torch.no_grad()
    def average(averaged: list[Tensor], current: list[Tensor], count: Tensor | int) -> None:
        steps = int(count)
        update = get_ema_multi_avg_fn(min(decay, (1 + steps) / (10 + steps)))  # type: ignore[no-untyped-call]
        update(averaged, current, count)

    return average
