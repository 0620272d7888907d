"""Training of the detectors of a round on the labels of a loop on member boxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import ceil
from pathlib import Path

from closeup.errors import ModelError
from closeup.labelling.project import LabelProject
from closeup.pipeline.loop.loop_kind import Learnt
from closeup.pipeline.loop.loop_options import LoopBudget
from closeup.pipeline.loop.member_proposals import open_trained
from closeup.pipeline.loop.member_samples import (
    SampleOptions,
    choose_samples,
    count_sources,
    write_samples,
)
from closeup.pipeline.training.detector_training import (
    MEMBER_TRAINING,
    DetectorTrainingOptions,
    train_members,
)
from closeup.progress import Progress
from closeup.store.label_records import StoredItem

TRAINING = replace(MEMBER_TRAINING, size=480)
"""A training of minutes on two processors."""

_SET, _MODEL = "set", "members"
_SAMPLES = 200
"""Pictures of one epoch of a loop's effort; sets of fewer pictures are passed over more often, so
that the first rounds, which have few labels, are not trained less than the others."""
_BATCHES = 8
"""Steps of an epoch at least, as far as the batch can be made smaller."""
_SMALLEST = 4
_AVERAGED = 0.15
"""Share of the steps over which weights are averaged; an average over more lags behind."""


def learn_members(
    project: LabelProject,
    frames: Sequence[StoredItem],
    names: Sequence[str],
    before: Sequence[Path],
    folder: Path,
    effort: LoopBudget,
    seed: int,
    options: SampleOptions,
    progress: Progress,
) -> Learnt:
    """Train detectors on the certain labels of frames; an interrupted call is continued.

    Args:
        project: The store and its pictures.
        frames: Frames to learn from, in the order of time, with their labels.
        names: Names of the members; classes in this order.
        before: The detectors of the last round, whose weights are the initial ones; random weights
            without these, or if the names have changed.
        folder: Receives the set, and the detectors.
        effort: Number of detectors and of epochs; an epoch has :data:`_SAMPLES` pictures.
        seed: Determines weights and order.
        options: What is learnt from.
        progress: Receives stages and messages.

    Raises:
        InputError: too few frames have certain labels.
        TrainingError: the extra ``train`` is not installed, or the training failed.
        OutputError: a file cannot be written.

    """
    samples = choose_samples(frames, names, options)
    data = write_samples(folder / _SET, samples, project.pictures, names, options, progress)
    models = []
    for number in range(effort.networks):
        out = folder / f"{_MODEL}-{number + 1}.onnx"
        start = _start(before[number : number + 1], names, progress)
        trained = train_members(
            data,
            out,
            training_of_effort(len(samples), effort.epochs, seed + number, start),
            progress=progress,
        )
        models.append(trained.model)
    return Learnt(tuple(models), count_sources(samples))


def training_of_effort(
    pictures: int, epochs: int, seed: int, start: Path | None
) -> DetectorTrainingOptions:
    """Options with which a set of any size takes the same time.

    Args:
        pictures: Number of pictures of the set.
        epochs: Epochs of the effort.
        seed: Determines weights and order.
        start: Initial weights; None for random ones.

    """
    own = TRAINING.training
    batch = min(own.batch, max(_SMALLEST, pictures // _BATCHES))
    passes = ceil(epochs * max(1.0, _SAMPLES / pictures))
    steps = passes * ceil(pictures / batch)
    averaging = min(own.averaging, 1 - 1 / max(2.0, _AVERAGED * steps))
    training = replace(own, epochs=passes, batch=batch, seed=seed, averaging=averaging)
    return replace(TRAINING, training=training, start=start)


def _start(before: Sequence[Path], names: Sequence[str], progress: Progress) -> Path | None:
    """A detector of the last round; None if there is none, or it has other names."""
    if not before:
        return None
    try:
        known = open_trained(before[0]).names
    except (ModelError, OSError) as error:
        progress.say(f"{error}; the training begins with random weights")
        return None
    return before[0] if known == tuple(names) else None
