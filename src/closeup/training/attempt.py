"""One run of Lightning's trainer, silenced: all messages go through Progress."""

from __future__ import annotations

import logging
import signal
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import lightning.pytorch as pl
import torch
from lightning.fabric.plugins.environments.lightning import LightningEnvironment
from lightning.pytorch.callbacks import Callback

from closeup.progress import Progress
from closeup.training.checkpoints import WholeCheckpoints
from closeup.training.devices import accelerator, choose_precision, ignoring_the_gpu
from closeup.training.failures import Conditions
from closeup.training.history import History
from closeup.training.learner import Learner
from closeup.training.optimizer import Averaging
from closeup.training.options import TrainingOptions
from closeup.training.recorder import Keeper, Recorder
from closeup.training.reporting import reporting
from closeup.training.run_folder import RunFolder
from closeup.training.task import TrainingTask

_LOGGERS = ("lightning.pytorch", "lightning.fabric")
_WARNINGS = (
    "The '.*_dataloader' does not have many workers",
    "Found .* module.* in eval mode at the start of training",
    "GPU available but not used",
    r"`isinstance\(treespec, LeafSpec\)` is deprecated",
)


@contextmanager
def quiet() -> Iterator[None]:
    """Silence Lightning in this block except for errors; warnings of other packages stay."""
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            for message in _WARNINGS:
                warnings.filterwarnings("ignore", message)
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def attempt(
    task: TrainingTask,
    options: TrainingOptions,
    conditions: Conditions,
    folder: RunFolder,
    history: History,
    progress: Progress,
) -> None:
    """Train from the last checkpoint, or from the network's current weights, to the end.

    Args:
        task: The network, its samples and its loss.
        options: How the training is run.
        conditions: The batch size and the device.
        folder: All files are written here.
        history: The epochs that are done.
        progress: Receives one step for each batch, and a line after each epoch.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed; the checkpoints are complete.
        Cancelled: ``progress`` was cancelled; the checkpoints are complete.
        SystemExit: SIGTERM came and the program has no handler for it; the status is 143, the
            checkpoints are complete.

    """
    learner = Learner(task, options, conditions)
    recorder = Recorder(learner, history, options, conditions, folder, progress)
    callbacks: list[Callback] = [recorder, Keeper(learner, recorder, folder)]
    if options.averaging:
        callbacks.insert(0, Averaging(options.averaging))
    count = task.count(conditions.batch)
    progress.begin("training", options.epochs * count)
    progress.advance(len(history.epochs) * count)
    task.network.train()
    # The caller's random state is left as it was.
    with (
        quiet(),
        torch.random.fork_rng(devices=[]),
        ignoring_the_gpu(conditions.place),
        reporting(task.network, progress),
    ):
        trainer = _trainer(options, conditions, folder, callbacks)
        with _interruptible(trainer):
            trainer.fit(
                learner,
                ckpt_path=folder.last if folder.last.exists() else None,
                weights_only=True,
            )


def _trainer(
    options: TrainingOptions, conditions: Conditions, folder: RunFolder, callbacks: list[Callback]
) -> pl.Trainer:
    return pl.Trainer(
        accelerator=accelerator(conditions.place),
        devices=1,
        precision=choose_precision(conditions.place, options.mixed),
        max_epochs=options.epochs,
        gradient_clip_val=options.clip,
        callbacks=callbacks,
        plugins=[WholeCheckpoints(), LightningEnvironment()],
        default_root_dir=folder.path,
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        inference_mode=False,  # a task may keep tensors that it computes in `judge`
        use_distributed_sampler=False,
    )


@contextmanager
def _interruptible(trainer: pl.Trainer) -> Iterator[None]:
    """Turn Ctrl-C back into KeyboardInterrupt, and give SIGTERM its exit status.

    After Ctrl-C Lightning exits with status 1 and ignores further ones. After a SIGTERM that has
    no handler of the program's own it exits with status 0, as if the training were complete.
    """
    handler = signal.getsignal(signal.SIGINT)
    try:
        yield
    except SystemExit as error:
        if trainer.interrupted and isinstance(error.__context__, KeyboardInterrupt):
            signal.signal(signal.SIGINT, handler)
            raise KeyboardInterrupt from error
        if trainer.received_sigterm:
            raise SystemExit(128 + signal.SIGTERM) from error
        raise
