"""The training of a round: samples from all labels so far, and an ensemble of small networks."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np

from closeup.errors import InputError
from closeup.files.documents import write_document
from closeup.pipeline.loop.loop_kind import Learnt
from closeup.pipeline.loop.loop_options import LoopBudget
from closeup.pipeline.loop.pupils.eye_labels import EyeLabelPolicy, EyeLabelSource, labelled_eyes
from closeup.pipeline.loop.pupils.loop_eyes import LoopEyes
from closeup.pipeline.training.eye_checks import run_sanity_checks
from closeup.pipeline.training.few_labels import with_share
from closeup.pipeline.training.pupil_training import PupilTrainingOptions, new_network, teach
from closeup.pipeline.training.trained_files import document_of, record_of, training_of
from closeup.progress import Progress
from closeup.training.options import TrainingOptions
from closeup.training.pupils.losses import PupilLossOptions
from closeup.training.pupils.samples import EyeSamples

LEAST_ANSWERS = 20
"""Least number of eyes with a label by hand or a verdict of true."""
_SHARE = 0.25
"""Largest share of labels by hand in a pass; see docs/experiments/few-labels.md."""
_MOST_VIEWS = 120
"""Times that one label by hand is shown in a training; more of a few would be learnt by heart."""
_MOST_JUDGES = 500

_OF_PEOPLE = (EyeLabelSource.BY_HAND, EyeLabelSource.VERIFIED)


def train_ensemble(
    eyes: LoopEyes,
    policy: EyeLabelPolicy,
    folder: Path,
    effort: LoopBudget,
    seed: int,
    progress: Progress,
) -> Learnt:
    """Train the networks of a round on all eyes that are not held out and have a label.

    Args:
        eyes: All eyes, with the labels that count.
        policy: Which labels count.
        folder: Folder of the round.
        effort: Number of networks and epochs.
        seed: Determines weights and order; each network has another one.
        progress: Receives stages and messages.

    Raises:
        InputError: people answered too little, or the labels fail the sanity checks.
        TrainingError, OutputError: as for :func:`closeup.pipeline.training.pupil_training.teach`.

    """
    samples, sources, counts = _samples(eyes, policy)
    answers = sum(source in _OF_PEOPLE for source in sources)
    if answers < LEAST_ANSWERS:
        raise InputError(
            f"{answers} labels by hand or called true are too few to learn from, at least "
            f"{LEAST_ANSWERS} are needed; answer more of the queues, or run it again to be asked "
            "for more"
        )
    rows = np.flatnonzero([source in _OF_PEOPLE for source in sources])
    # The last epochs are the best ones on them: they are learnt, too, and measure nothing.
    judges = samples.chosen(rows[:: max(1, len(rows) // _MOST_JUDGES)])
    by_hand = samples.chosen(np.array([source is EyeLabelSource.BY_HAND for source in sources]))
    share = _share_by_hand(len(by_hand), len(samples), effort.epochs)
    repeated = _repeated(with_share(by_hand, samples, share), effort)
    models = tuple(folder / f"model-{number + 1}.onnx" for number in range(effort.networks))
    for number, model in enumerate(models):
        progress.say(f"training {model.name} on {len(samples)} eyes")
        training = TrainingOptions(epochs=effort.epochs, seed=seed * 100 + number)
        options = PupilTrainingOptions(training=training)
        if not number:
            _check(samples, model, options, progress)
        _train(repeated, judges, model, options, progress)
    return Learnt(models, counts)


def _samples(
    eyes: LoopEyes, policy: EyeLabelPolicy
) -> tuple[EyeSamples, list[EyeLabelSource], dict[str, int]]:
    """Samples of eyes that are not held out, their sources, and how many come from each."""
    kept = {eyes.eyes[number].row.crop for number in eyes.learning}
    items = (eye.item for eye in eyes.eyes if eye.row.crop in kept)
    found = labelled_eyes(eyes.data, items, policy)
    sources = list(found.sources)
    counts = {source.value: sources.count(source) for source in dict.fromkeys(sources)}
    return found.samples, sources, counts


def _share_by_hand(by_hand: int, samples: int, epochs: int) -> float:
    """Share of labels by hand in a pass, which are repeated for it."""
    shown = by_hand * max(1, _MOST_VIEWS // epochs)
    return min(_SHARE, shown / max(1, shown + samples - by_hand))


def _repeated(samples: EyeSamples, effort: LoopBudget) -> EyeSamples:
    """The samples, so often that the epochs come to the least number of steps."""
    wanted = -(-effort.steps * TrainingOptions().batch // effort.epochs)
    return samples.chosen(np.resize(np.arange(len(samples)), max(wanted, len(samples))))


def _check(
    samples: EyeSamples, model: Path, options: PupilTrainingOptions, progress: Progress
) -> None:
    """Check labels and crops, and whether a network can learn them, unless it has begun."""
    from closeup.training.reporting import reporting
    from closeup.training.run_folder import RunFolder

    with training_of(model) as run:
        if RunFolder(run).last.exists():
            return
        progress.say("checking labels and crops, and whether the network can overfit a few eyes")
        network = new_network(options, samples.width, progress)
        losses = PupilLossOptions(points=options.network.loss)
        with reporting(network, progress):
            run_sanity_checks(samples, network, run, losses, seed=options.training.seed)


def _train(
    samples: EyeSamples,
    judges: EyeSamples,
    model: Path,
    options: PupilTrainingOptions,
    progress: Progress,
) -> None:
    from closeup.training.pupils.export import export

    with training_of(model) as run:
        network = new_network(options, samples.width, progress)
        history = teach(network, samples, judges, options, run, progress)
        export(network, model)
        record = record_of("pupils", network, history, asdict(options))
        write_document(document_of(model), record)
