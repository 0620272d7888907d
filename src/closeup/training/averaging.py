"""The weights that are judged and kept: an average that forgets slowly."""

from __future__ import annotations

from typing import Any

import torch
from lightning.pytorch.callbacks import WeightAveraging
from torch import Tensor
from torch.optim.swa_utils import get_ema_multi_avg_fn


class Averaging(WeightAveraging):
    """Lightning's averaging, with a decay that grows to its full value.

    After n steps the decay is at most (1 + n) / (10 + n), as in TensorFlow's
    ``ExponentialMovingAverage``: else short trainings would keep much of the first,
    random weights.

    Args:
        decay: From 0 to below 1.

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
