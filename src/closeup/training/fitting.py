"""Train a network in a folder: begin, go on, and get over what goes wrong on the way."""

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


def fit(
    lesson: TrainingTask, options: TrainingOptions, folder: Path, progress: Progress
) -> History:
    """Train the lesson's network; afterwards it has the best averaged weights.

    A run of the same folder with the same options and fingerprint goes on where it was.
    ``device`` and ``mixed`` may differ, so that it can go on elsewhere.

    Args:
        lesson: What is learnt.
        options: How.
        folder: Gets ``checkpoints/last.ckpt`` and ``best.ckpt``, ``history.csv``,
            ``curves.png`` and ``training.json``; nothing is written elsewhere.
        progress: Hears of each batch, and a line after each epoch.

    Returns:
        All epochs, those of earlier runs included.

    Raises:
        InputError: too few samples for a batch, a folder of another training, a checkpoint
            that is damaged or of another network, or no GPU where one was asked for.
        TrainingError: not even one sample fits into memory, or the loss is no number.
        OutputError: the folder cannot be written.
        KeyboardInterrupt: Ctrl-C; the run can go on later.
        Cancelled: ``progress`` was cancelled; likewise.

    """
    run = RunFolder(folder)
    place = choose_place(options.device)
    if lesson.count(options.batch) < 1:
        raise InputError(
            f"too few samples for one batch of {options.batch}; use more samples or smaller batches"
        )
    run.claim(options, lesson.fingerprint)
    history = _history_of(run, lesson)
    batch = history.epochs[-1].batch if history.epochs else options.batch
    if history.epochs:
        progress.say(f"going on after epoch {len(history.epochs)} of {folder}")
    try:
        _persist(lesson, options, Conditions(place, batch), run, progress)
    finally:
        history = _history_of(run, lesson)
        if history.epochs:
            history.write_csv(run.history)
            draw_curves(run.curves, history)
    load_weights(run.best, lesson.network)
    lesson.network.eval()
    return history


def _persist(
    lesson: TrainingTask,
    options: TrainingOptions,
    conditions: Conditions,
    run: RunFolder,
    progress: Progress,
) -> None:
    """Attempt it to the end, under easier conditions each time something gave way."""
    first = _copy(lesson.network)
    while not (history := _history_of(run, lesson)).is_over(options.epochs, options.patience):
        try:
            attempt(lesson, options, conditions, run, history, progress)
        except (RuntimeError, MemoryError) as error:
            easier = conditions.after(error)
            if easier is None:
                raise
        else:
            return
        # Outside of the handler: the error holds all tensors of the step that failed.
        release_memory()
        _reset(lesson.network, first)
        progress.say(_news(conditions, easier, _history_of(run, lesson)))
        conditions = easier


def _history_of(run: RunFolder, lesson: TrainingTask) -> History:
    """What the last checkpoint tells; without one, no epoch.

    Raises:
        InputError: the checkpoint is damaged, or of another network.

    """
    if not run.last.exists():
        return History(lesson.goal)
    checkpoint = read_checkpoint(run.last)
    fitting_weights(checkpoint, lesson.network, run.last)
    try:
        return History.from_plain(checkpoint["callbacks"][HISTORY_KEY])
    except (KeyError, TypeError) as error:
        raise InputError(
            f"the checkpoint {run.last} has no history; choose another folder"
        ) from error


def _copy(network: nn.Module) -> dict[str, Tensor]:
    """All its tensors, on the CPU: those of a GPU cannot be read once it is gone."""
    tensors = chain(network.named_parameters(), network.named_buffers())
    return {name: tensor.detach().cpu().clone() for name, tensor in tensors}


def _reset(network: nn.Module, first: dict[str, Tensor]) -> None:
    """Give it these tensors on the CPU, without a look at those it has."""
    network.to_empty(device="cpu")
    for name, tensor in chain(network.named_parameters(), network.named_buffers()):
        tensor.data.copy_(first[name])


def _news(before: Conditions, now: Conditions, history: History) -> str:
    done = len(history.epochs)
    start = f"going on after epoch {done}" if done else "beginning anew"
    if now.place != before.place:
        return f"the GPU failed; {start} on the CPU"
    return f"out of memory with batches of {before.batch}; {start} with batches of {now.batch}"
