"""``closeup train pupils``: train a pupil network on eye data sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from closeup.datasets.eyes.eye_store import EyeStore, read_document
from closeup.errors import InputError
from closeup.files.documents import write_document
from closeup.pipeline.training.eye_checks import run_sanity_checks
from closeup.pipeline.training.eye_samples import people_in, samples_of
from closeup.pipeline.training.trained_files import (
    TrainedModel,
    document_of,
    first_weights,
    record_of,
    training_of,
)
from closeup.progress import Progress
from closeup.training.options import TrainingOptions
from closeup.training.pupils.networks import PupilNetworkOptions
from closeup.training.pupils.samples import EyeSamples
from closeup.training.pupils.split import split
from closeup.training.requirements import require_training

if TYPE_CHECKING:
    from closeup.training.history import History
    from closeup.training.pupils.network import PupilNetwork

_MARGIN = 1.25
"""Minimum ratio of crop to input width at which shifted inputs show only real pixels."""


@dataclass(frozen=True, slots=True)
class PupilTrainingOptions:
    """Options of a pupil training.

    Attributes:
        network: The network and its outputs.
        training: Epochs, batch, learning rate, device and so on.
        held_out: Share of the eyes that are held out for validation, by person. With several
            data sets, only eyes of the first are validated on.
        keep_out: A table of labels, such as those of the test set: the people in it are
            excluded from the training, in all data sets.
        start: File of the initial weights, from a training of the same network: a checkpoint,
            or an ``.onnx`` with its ``.training`` folder beside it; None for random ones.

    Raises:
        ValueError: ``held_out`` is out of range.

    """

    network: PupilNetworkOptions = field(default_factory=PupilNetworkOptions)
    training: TrainingOptions = field(default_factory=TrainingOptions)
    held_out: float = 0.1
    keep_out: Path | None = None
    start: Path | None = None

    def __post_init__(self) -> None:
        if not 0.01 <= self.held_out <= 0.5:
            raise ValueError(f"held_out must be from 0.01 to 0.5, not {self.held_out}")


def train_pupils(
    datasets: Sequence[Path | str],
    out: Path | str,
    options: PupilTrainingOptions,
    *,
    progress: Progress,
) -> TrainedModel:
    """Train a network on eye data sets, and write it as one ONNX file.

    An interrupted run is continued; a complete one writes its file again.

    Args:
        datasets: Folders of ``closeup dataset eyes``, all with crops of one size and width, the
            best labels first: a crop in several sets is taken from the first.
        out: The file, ending with ``.onnx``. A ``.json`` beside it records how it was made and
            how accurate it is; the folder with the same name and ``.training`` has the rest.
        options: Options of the training.
        progress: Receives stages and messages.

    Raises:
        TrainingError: the extra ``train`` is not installed; a batch of one does not fit into
            memory; the loss is not finite.
        InputError: a data set is missing, incomplete or damaged; its labels are wrong, cannot be
            learnt, or are too few; the folder holds another training; the initial weights are
            missing or do not fit.
        OutputError: a result cannot be written.

    """
    out = Path(out)
    with training_of(out) as folder:
        return _trained([Path(path) for path in datasets], out, folder, options, progress)


def _trained(
    datasets: Sequence[Path],
    out: Path,
    folder: Path,
    options: PupilTrainingOptions,
    progress: Progress,
) -> TrainedModel:
    stores = [EyeStore.opened(path) for path in dict.fromkeys(datasets)]
    from closeup.training.pupils.export import export
    from closeup.training.pupils.losses import PupilLossOptions
    from closeup.training.reporting import reporting
    from closeup.training.run_folder import RunFolder

    training, held_out = _parted(stores, options, progress)
    progress.say(f"{len(training)} eyes to learn from, {len(held_out)} to judge by")
    network = new_network(options, training.width, progress)
    if not RunFolder(folder).last.exists():
        progress.say("checking labels and crops, and whether the network can overfit a few eyes")
        losses = PupilLossOptions(points=options.network.loss)
        with reporting(network, progress):
            run_sanity_checks(training, network, folder, losses, seed=options.training.seed)
    history = teach(network, training, held_out, options, folder, progress)
    export(network, out)
    document = {
        **_described(network, history, options),
        "data": [_origin(store) for store in stores],
        "eyes": {"training": len(training), "held_out": len(held_out)},
    }
    write_document(document_of(out), document)
    return TrainedModel(out, folder, document)


def _parted(
    stores: Sequence[EyeStore], options: PupilTrainingOptions, progress: Progress
) -> tuple[EyeSamples, EyeSamples]:
    """Training eyes, and validation eyes of other people from the first data set."""
    sets = [samples_of(store) for store in stores]
    if options.keep_out:
        people = people_in(options.keep_out)
        count = sum(map(len, sets))
        sets = [own.chosen(~np.isin(own.groups, people)) for own in sets]
        progress.say(f"{count - sum(map(len, sets))} eyes of people in {options.keep_out} kept out")
    samples = EyeSamples.joined(sets)
    parts = split(samples, options.held_out, options.training.seed)
    for note in parts.notes:
        progress.say(note)
    judges = parts.held_out[parts.held_out < len(sets[0])]
    if not len(judges):
        raise InputError(
            f"{stores[0].folder}: no person of the first data set is among those kept apart to "
            "judge by; give a larger --held-out, or the larger data set first"
        )
    return samples.chosen(parts.training), samples.chosen(judges)


def new_network(options: PupilTrainingOptions, width: float, progress: Progress) -> PupilNetwork:
    """Return a network with its initial weights.

    Args:
        options: The network, the seed, and the file of the initial weights.
        width: Width of the training crops, in eye distances.
        progress: Receives a message about random ResNet weights, or crops without margin.

    Raises:
        TrainingError: the extra ``train`` is not installed.
        InputError: weights are missing, damaged, or of another network.

    """
    require_training()
    from closeup.training.checkpoints import load_weights
    from closeup.training.pupils.networks import open_network

    network = open_network(options.network, width, options.training.seed, progress)
    if options.start:
        load_weights(first_weights(options.start), network)
    if width < _MARGIN * network.given.width:
        progress.say(
            f"crops {width:g} eye distances wide have no margin: their borders are repeated "
            "where eyes are moved; closeup dataset eyes --size 144x108 --width 2 has one"
        )
    return network


def teach(
    network: PupilNetwork,
    training: EyeSamples,
    held_out: EyeSamples,
    options: PupilTrainingOptions,
    folder: Path,
    progress: Progress,
) -> History:
    """Train a network on samples, without sanity checks.

    Args:
        network: From :func:`new_network`; afterwards on the CPU, with the best weights.
        training: Training samples.
        held_out: Validation samples.
        options: Options of the training.
        folder: Folder of the training; an earlier training in it is continued.
        progress: Receives stages and messages.

    Raises:
        TrainingError, InputError, OutputError: as :func:`train_pupils`.

    """
    require_training()
    from closeup.training.fitting import fit
    from closeup.training.pupils.losses import PupilLossOptions
    from closeup.training.pupils.task import PupilTrainingTask

    seed, losses = options.training.seed, PupilLossOptions(points=options.network.loss)
    task = PupilTrainingTask(network, training, held_out, seed=seed, losses=losses)
    history = fit(task, options.training, folder, progress)
    network.cpu().eval()
    return history


def _described(
    network: PupilNetwork, history: History, options: PupilTrainingOptions
) -> dict[str, Any]:
    given = network.given
    return {
        **record_of("pupils", network, history, asdict(options)),
        "points": given.points,
        "crop": {"size": list(given.size), "width": given.width},
    }


def _origin(store: EyeStore) -> dict[str, Any]:
    document = read_document(store.folder) or {}
    return {"name": store.folder.name, "key": document["key"]}
