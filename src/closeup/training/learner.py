"""A training task as the module that Lightning runs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import lightning.pytorch as pl
import torch
from torch import Tensor

from closeup.background import ahead
from closeup.errors import TrainingError
from closeup.training.failures import Conditions
from closeup.training.optimizer import follow, make_optimizer
from closeup.training.options import TrainingOptions
from closeup.training.task import TrainingTask

_AHEAD = 4
"""Batches prepared in advance while the network trains. Even on two CPU cores, this shortens a
detector's training by a tenth: its steps leave one of the cores half idle."""


class Learner(pl.LightningModule):
    """Runs the steps, and keeps losses, figures and the validated weights.

    Args:
        task: The network, its samples and its loss.
        options: How the training is run.
        conditions: The batch and the device of this attempt.

    Attributes:
        network: The task's network.
        losses: Means over the epoch so far.
        figures: The task's validation figures of the averaged weights after the epoch.
        judged: These weights, on the CPU, by their names in this module.

    """

    def __init__(
        self, task: TrainingTask, options: TrainingOptions, conditions: Conditions
    ) -> None:
        super().__init__()
        self.network = task.network
        self.figures: dict[str, float] = {}
        self.judged: dict[str, Tensor] = {}
        self._task = task
        self._options = options
        self._conditions = conditions
        self._sums: dict[str, Tensor] = {}
        self._steps = task.count(conditions.batch)
        self._taken = 0

    def __getstate__(self) -> dict[str, Any]:
        """The state for the copy that holds the average: it needs the weights, not the samples."""
        return {**super().__getstate__(), "_task": None, "judged": {}}

    @property
    def losses(self) -> dict[str, float]:
        """Means over the epoch so far."""
        return {name: float(total) / self._taken for name, total in self._sums.items()}

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """AdamW; :meth:`training_step` sets its rate."""
        return make_optimizer(self.network, self._options.rate, self._options.weight_decay)

    def train_dataloader(self) -> Batches:
        """The batches of the current epoch."""
        return Batches(self, self._task, self._conditions)

    def val_dataloader(self) -> list[int]:
        """One step: the task evaluates all its held-out samples at once."""
        return [0]

    def on_train_epoch_start(self) -> None:
        """Clear the losses of the previous epoch."""
        self._sums, self._taken = {}, 0

    def training_step(self, batch: Mapping[str, Tensor], index: int) -> Tensor:
        """The loss of one batch.

        Raises:
            TrainingError: the loss is not finite.

        """
        share = (self.current_epoch + index / self._steps) / self._options.epochs
        optimizer = self.trainer.optimizers[0]
        follow(optimizer, self._options.schedule, self._options.rate, share)
        losses = self._task.loss(self.network, batch)
        loss = float(losses["loss"].detach())
        if not math.isfinite(loss):
            raise _no_number("loss", loss, self.current_epoch)
        self._taken += 1
        for name, value in losses.items():
            self._sums[name] = self._sums.get(name, 0) + value.detach()
        return losses["loss"]

    def validation_step(self, *_: int) -> None:
        """Evaluate the network; Lightning has put the averaged weights into it."""
        measured = self._task.judge(self.network)
        self.figures = {name: float(value) for name, value in measured.items()}
        goal = self.figures[self._task.goal]
        if not math.isfinite(goal):
            raise _no_number(self._task.goal, goal, self.current_epoch)
        weights = self.state_dict().items()
        self.judged = {name: weight.detach().cpu().clone() for name, weight in weights}


class Batches:
    """The batches of the learner's current epoch, made anew for each iteration."""

    def __init__(self, learner: Learner, task: TrainingTask, conditions: Conditions) -> None:
        self._learner, self._task, self._conditions = learner, task, conditions

    def __len__(self) -> int:
        return self._task.count(self._conditions.batch)

    def __iter__(self) -> Iterator[Mapping[str, Tensor]]:
        batches = self._task.batches(self._learner.current_epoch, self._conditions.batch)
        made = 0
        for batch in ahead(batches, _AHEAD):
            yield batch
            made += 1
        if made < len(self):
            raise ValueError(f"the task promised {len(self)} batches and gave {made}")


def _no_number(what: str, value: float, epoch: int) -> TrainingError:
    kept = f"; the checkpoint of epoch {epoch} is kept" if epoch else ""
    return TrainingError(
        f"the {what} became {value} in epoch {epoch + 1}{kept}; train with a smaller rate or "
        "with clipped gradients, in another folder"
    )
