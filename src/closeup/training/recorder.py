"""What is kept and told after each epoch."""

from __future__ import annotations

import time
from typing import Any

import lightning.pytorch as pl
import numpy as np
import torch
from lightning.pytorch.callbacks import Callback, Checkpoint

from closeup.progress import Progress
from closeup.training.checkpoints import write_checkpoint
from closeup.training.curves import draw_curves
from closeup.training.failures import Conditions
from closeup.training.history import Epoch, History
from closeup.training.learner import Learner
from closeup.training.options import TrainingOptions
from closeup.training.run_folder import RunFolder

HISTORY_KEY = "closeup history"
"""Where a checkpoint keeps the history among what callbacks keep."""
_REDRAW = 20.0
"""Seconds between two drawings of the curves, so that short epochs do not wait for them."""


class Recorder(Callback):
    """Writes the history, tells the progress, and ends the training when patience does.

    Lightning's EarlyStopping forgets with a restart that it had stopped; the history knows.

    Args:
        learner: What it records.
        history: Of the epochs so far.
        options: Of the training.
        conditions: Of this attempt.
        folder: Gets history and curves.
        progress: Listens.

    Attributes:
        history: Up to now.

    """

    def __init__(
        self,
        learner: Learner,
        history: History,
        options: TrainingOptions,
        conditions: Conditions,
        folder: RunFolder,
        progress: Progress,
    ) -> None:
        self.history = history
        self._learner = learner
        self._options, self._conditions = options, conditions
        self._folder, self._progress = folder, progress
        self._began = self._drawn = time.monotonic()

    @property
    def state_key(self) -> str:
        """The history's place in a checkpoint."""
        return HISTORY_KEY

    def state_dict(self) -> dict[str, Any]:
        """The history, as plain values."""
        return self.history.as_plain()

    def on_train_epoch_start(self, trainer: pl.Trainer, *_: pl.LightningModule) -> None:
        """Seed what the network itself throws, such as dropout, by the epoch: so it can go on."""
        self._began = time.monotonic()
        seeds = np.random.SeedSequence([self._options.seed, trainer.current_epoch])
        torch.manual_seed(int(seeds.generate_state(1)[0]))

    def on_train_batch_end(self, *_: Any, **__: Any) -> None:
        """Tell of a batch."""
        self._progress.advance()

    def on_train_epoch_end(self, trainer: pl.Trainer, *_: pl.LightningModule) -> None:
        """Write and tell the epoch."""
        epoch = Epoch(
            number=len(self.history.epochs) + 1,
            batch=self._conditions.batch,
            rate=trainer.optimizers[0].param_groups[0]["lr"],
            seconds=time.monotonic() - self._began,
            losses=self._learner.losses,
            figures=self._learner.figures,
        )
        self.history = self.history.with_epoch(epoch)
        self.history.write_csv(self._folder.history)
        self._progress.say(self._line(epoch))
        if time.monotonic() - self._drawn > _REDRAW:
            draw_curves(self._folder.curves, self.history)
            self._drawn = time.monotonic()
        trainer.should_stop = self.history.is_over(self._options.epochs, self._options.patience)

    def _line(self, epoch: Epoch) -> str:
        told = {**epoch.losses, **epoch.figures}
        values = ", ".join(f"{name} {value:.4g}" for name, value in told.items())
        best = ", best so far" if self.history.best is epoch else ""
        return f"epoch {epoch.number} of {self._options.epochs}: {values}{best}"


class Keeper(Checkpoint):
    """Writes the checkpoints, after everything else of an epoch is done.

    The best weights come first: killed between the two, a run does the epoch again.

    Args:
        learner: Whose weights they are.
        recorder: Knows which epoch is the best.
        folder: Gets them.

    """

    def __init__(self, learner: Learner, recorder: Recorder, folder: RunFolder) -> None:
        self._learner, self._recorder, self._folder = learner, recorder, folder

    def on_train_epoch_end(self, trainer: pl.Trainer, *_: pl.LightningModule) -> None:
        """Write ``best.ckpt`` where this epoch is the best, and ``last.ckpt``."""
        history = self._recorder.history
        if history.best is history.epochs[-1]:
            best = {"state_dict": self._learner.judged, "epoch": history.best.number}
            write_checkpoint(self._folder.best, best)
        trainer.save_checkpoint(self._folder.last)
