"""Train a network in a folder: begin, go on, and get over what goes wrong on the way."""

from __future__ import annotations

from pathlib import Path

from closeup.progress import Progress
from closeup.training.history import History
from closeup.training.lesson import Lesson
from closeup.training.options import TrainingOptions


def fit(lesson: Lesson, options: TrainingOptions, folder: Path, progress: Progress) -> History:
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

    """
    raise NotImplementedError
