"""Train a network in a folder: start, resume, and recover from failures."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

from torch import Tensor, nn

from closeup.errors import InputError
from closeup.progress import Progress
from closeup.training.attempt import attempt
from closeup.training.checkpoints import fitting_weights, load_weights, read_checkpoint
from closeup.training.curves import draw_curves
from closeup.training.devices import choose_place, release_memory
from closeup.training.failures import Conditions
from closeup.training.history import History
from closeup.training.options import TrainingOptions
from closeup.training.recorder import HISTORY_KEY
from closeup.training.run_folder import RunFolder
from closeup.training.task import TrainingTask


def fit(task: TrainingTask, options: TrainingOptions, folder: Path, progress: Progress) -> History:
    """Train the task's network; afterwards it has the best averaged weights.

    A run in the same folder with the same options and fingerprint resumes the earlier one.
    ``device`` and ``mixed`` may differ, so that a training can resume on another machine.

    Args:
        task: The network, its samples and its loss.
        options: How the training is run.
        folder: Receives ``checkpoints/last.ckpt`` and ``best.ckpt``, ``history.csv``,
            ``curves.png`` and ``training.json``; nothing is written elsewhere.
        progress: Receives one step for each batch, and a line after each epoch.

    Returns:
        All epochs, including those of earlier runs.

    Raises:
        InputError: the samples do not fill one batch, the folder belongs to another training,
            the checkpoint is damaged or of another network, or the required GPU is missing.
        TrainingError: memory ran out with one sample, or the loss or the goal is not finite.
        OutputError: the folder cannot be written.
        KeyboardInterrupt: Ctrl-C was pressed; a later run resumes.
        Cancelled: ``progress`` was cancelled; a later run resumes.
        SystemExit: SIGTERM came and the program has no handler for it; a later run resumes.

    """
    run = RunFolder(folder)
    place = choose_place(options.device)
    if task.count(options.batch) < 1:
        raise InputError(
            f"too few samples for one batch of {options.batch}; use more samples or smaller batches"
        )
    run.claim(options, task.fingerprint)
    history = _history_of(run, task)
    batch = history.epochs[-1].batch if history.epochs else options.batch
    if history.epochs:
        progress.say(f"going on after epoch {len(history.epochs)} of {folder}")
    try:
        _persist(task, options, Conditions(place, batch), run, progress)
    finally:
        history = _history_of(run, task)
        if history.epochs:
            history.write_csv(run.history)
            draw_curves(run.curves, history)
    load_weights(run.best, task.network)
    task.network.eval()
    return history


def _persist(
    task: TrainingTask,
    options: TrainingOptions,
    conditions: Conditions,
    run: RunFolder,
    progress: Progress,
) -> None:
    """Train to the end; after each failure, retry with a smaller batch or on the CPU."""
    first = _copy(task.network)
    while not (history := _history_of(run, task)).is_over(options.epochs, options.patience):
        try:
            attempt(task, options, conditions, run, history, progress)
        except (RuntimeError, MemoryError) as error:
            easier = conditions.after(error)
            if easier is None:
                raise
        else:
            return
        # Outside the handler: the exception keeps all tensors of the failed step alive.
        release_memory()
        _reset(task.network, first)
        progress.say(_news(conditions, easier, _history_of(run, task)))
        conditions = easier


def _history_of(run: RunFolder, task: TrainingTask) -> History:
    """The history in the last checkpoint; an empty one if there is no checkpoint.

    Raises:
        InputError: the checkpoint is damaged, or of another network.

    """
    if not run.last.exists():
        return History(task.goal)
    checkpoint = read_checkpoint(run.last)
    fitting_weights(checkpoint, task.network, run.last)
    try:
        return History.from_plain(checkpoint["callbacks"][HISTORY_KEY])
    except (KeyError, TypeError) as error:
        raise InputError(
            f"the checkpoint {run.last} has no history; choose another folder"
        ) from error


def _copy(network: nn.Module) -> dict[str, Tensor]:
    """All tensors, copied to the CPU: those on a GPU cannot be read once it has failed."""
    tensors = chain(network.named_parameters(), network.named_buffers())
    return {name: tensor.detach().cpu().clone() for name, tensor in tensors}


def _reset(network: nn.Module, first: dict[str, Tensor]) -> None:
    """Put these tensors into the network on the CPU, without reading its present ones."""
    network.to_empty(device="cpu")
    for name, tensor in chain(network.named_parameters(), network.named_buffers()):
        tensor.data.copy_(first[name])


def _news(before: Conditions, now: Conditions, history: History) -> str:
    done = len(history.epochs)
    start = f"going on after epoch {done}" if done else "beginning anew"
    if now.place != before.place:
        return f"the GPU failed; {start} on the CPU"
    return f"out of memory with batches of {before.batch}; {start} with batches of {now.batch}"
