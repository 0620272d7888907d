"""Callbacks that save and report after each epoch."""

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
"""Key of the history in a checkpoint's ``callbacks``."""
_REDRAW = 20.0
"""Least seconds between two drawings of the curves, so that short epochs are not delayed."""


class Recorder(Callback):
    """Writes the history, reports progress, and stops the training when patience runs out.

    Unlike Lightning's EarlyStopping, the history shows after a restart that training stopped.

    Args:
        learner: The module whose losses and figures are recorded.
        history: The epochs so far.
        options: The options of the training.
        conditions: The batch and the device of this attempt.
        folder: Receives history and curves.
        progress: Receives one step for each batch, and a line after each epoch.

    Attributes:
        history: The epochs so far.

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
        """The history's key in a checkpoint."""
        return HISTORY_KEY

    def state_dict(self) -> dict[str, Any]:
        """The history, as plain values."""
        return self.history.as_plain()

    def on_train_epoch_start(self, trainer: pl.Trainer, *_: pl.LightningModule) -> None:
        """Seed torch, as for dropout, by seed and epoch, so that a resumed run is the same."""
        self._began = time.monotonic()
        seeds = np.random.SeedSequence([self._options.seed, trainer.current_epoch])
        torch.manual_seed(int(seeds.generate_state(1)[0]))

    def on_train_batch_end(self, *_: Any, **__: Any) -> None:
        """Report one batch."""
        self._progress.advance()

    def on_train_epoch_end(self, trainer: pl.Trainer, *_: pl.LightningModule) -> None:
        """Record and report the epoch."""
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
    """Writes the checkpoints at the end of an epoch, after all other callbacks.

    The best weights are written first: a run killed between the two repeats the epoch.

    Args:
        learner: The module whose weights are saved.
        recorder: Its history gives the best epoch.
        folder: Receives the checkpoints.

    """

    def __init__(self, learner: Learner, recorder: Recorder, folder: RunFolder) -> None:
        self._learner, self._recorder, self._folder = learner, recorder, folder

    def on_train_epoch_end(self, trainer: pl.Trainer, *_: pl.LightningModule) -> None:
        """Write ``best.ckpt`` if this epoch is the best, then ``last.ckpt``."""
        history = self._recorder.history
        if history.best is history.epochs[-1]:
            best = {"state_dict": self._learner.judged, "epoch": history.best.number}
            write_checkpoint(self._folder.best, best)
        trainer.save_checkpoint(self._folder.last)
