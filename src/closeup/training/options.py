"""Options of a training that all tasks share."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

Schedule = Literal["one-cycle", "exponential"]
Device = Literal["auto", "cpu", "cuda"]


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """Options that determine a training besides the samples and the network.

    Attributes:
        epochs: Passes over the samples.
        batch: Samples in one step.
        rate: The learning rate at its peak.
        schedule: ``one-cycle`` warms up and then falls along a cosine (Smith and Topin 2018);
            ``exponential`` decays from the first step on, to a hundredth.
        weight_decay: That of AdamW; norms and biases have none.
        averaging: Decay of the exponential moving average of the weights that is validated
            and saved, from 0 to below 1; 0 uses the weights without averaging.
        patience: Epochs without improvement after which the training stops; None: never.
        seed: On the CPU, the same seed gives the same result.
        device: ``auto`` is a CUDA GPU if there is one, else the CPU.
        mixed: Whether to use mixed half precision; None: on a GPU only.
        clip: Largest norm of the gradient; None: no limit.

    Raises:
        ValueError: a value is outside its range.

    """

    epochs: int = 30
    batch: int = 64
    rate: float = 4e-3
    schedule: Schedule = "one-cycle"
    weight_decay: float = 0.02
    averaging: float = 0.998
    patience: int | None = None
    seed: int = 0
    device: Device = "auto"
    mixed: bool | None = None
    clip: float | None = None

    def __post_init__(self) -> None:
        for name in ("epochs", "batch", "patience"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"{name} must be at least 1, not {value}")
        for name in ("rate", "clip"):
            value = getattr(self, name)
            if value is not None and not 0 < value < math.inf:
                raise ValueError(f"{name} must be positive, not {value}")
        if not 0 <= self.weight_decay < math.inf:
            raise ValueError(f"weight_decay must be at least 0, not {self.weight_decay}")
        if not 0 <= self.averaging < 1:
            raise ValueError(f"averaging must be from 0 to below 1, not {self.averaging}")
        if self.seed < 0:
            raise ValueError(f"seed must be at least 0, not {self.seed}")
        for name, known in (("schedule", get_args(Schedule)), ("device", get_args(Device))):
            if getattr(self, name) not in known:
                raise ValueError(f"{name} must be one of {', '.join(known)}")
