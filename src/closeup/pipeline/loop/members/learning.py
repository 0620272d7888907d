"""Training of the detectors of a round on the labels of a loop on member boxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from pathlib import Path

from closeup.errors import ModelError
from closeup.labelling.project import LabelProject
from closeup.pipeline.loop.loop_kind import Learnt
from closeup.pipeline.loop.loop_options import LoopBudget
from closeup.pipeline.loop.members.proposals import open_trained
from closeup.pipeline.loop.members.samples import (
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
SAMPLES = 200
"""Pictures of one epoch of a loop's effort; sets of fewer pictures are passed over more often, so
that the first rounds, which have few labels, are not trained less than the others."""
_BATCHES = 16
"""Steps of an epoch at least, as far as the batch can be made smaller."""
_SMALLEST = 4
_AVERAGED = 0.15
"""Share of the steps over which weights are averaged; an average over more lags behind."""


@dataclass(frozen=True, slots=True)
class MemberLearner:
    """Trains detectors on the certain labels of frames.

    Attributes:
        names: Names of the members; classes in this order.
        samples: What is learnt from.
        training: Size of the network and its training; epochs and batch depend on the effort.

    """

    names: tuple[str, ...]
    samples: SampleOptions = field(default_factory=SampleOptions)
    training: DetectorTrainingOptions = TRAINING

    def learn(
        self,
        project: LabelProject,
        frames: Sequence[StoredItem],
        before: Sequence[Path],
        folder: Path,
        effort: LoopBudget,
        seed: int,
        progress: Progress,
    ) -> Learnt:
        """Train the detectors of a round; an interrupted call is continued.

        Args:
            project: The store and its pictures.
            frames: Frames to learn from, in the order of time, with their labels.
            before: The detectors of the last round, whose weights are the initial ones; random
                weights without these, or if the names have changed.
            folder: Receives the set, and the detectors.
            effort: Number of detectors and of epochs; an epoch has :data:`SAMPLES` pictures.
            seed: Determines weights and order.
            progress: Receives stages and messages.

        Raises:
            InputError: too few frames have certain labels.
            TrainingError: the extra ``train`` is not installed, or the training failed.
            OutputError: a file cannot be written.

        """
        chosen = choose_samples(frames, self.names, self.samples)
        data = write_samples(
            folder / _SET, chosen, project.pictures, self.names, self.samples, progress
        )
        models = []
        for number in range(effort.networks):
            start = self._start(before[number : number + 1], progress)
            options = self.options(len(chosen), effort.epochs, seed + number, start)
            out = folder / f"{_MODEL}-{number + 1}.onnx"
            models.append(train_members(data, out, options, progress=progress).model)
        return Learnt(tuple(models), count_sources(chosen))

    def options(
        self, pictures: int, epochs: int, seed: int, start: Path | None
    ) -> DetectorTrainingOptions:
        """Options with which a small set is trained on as long as one of :data:`SAMPLES` pictures.

        Args:
            pictures: Number of pictures of the set.
            epochs: Epochs of the effort.
            seed: Determines weights and order.
            start: Initial weights; None for random ones.

        """
        own = self.training.training
        batch = min(own.batch, max(_SMALLEST, pictures // _BATCHES))
        passes = ceil(epochs * max(1.0, SAMPLES / pictures))
        steps = passes * ceil(pictures / batch)
        averaging = min(own.averaging, 1 - 1 / max(2.0, _AVERAGED * steps))
        training = replace(own, epochs=passes, batch=batch, seed=seed, averaging=averaging)
        return replace(self.training, training=training, start=start)

    def _start(self, before: Sequence[Path], progress: Progress) -> Path | None:
        """A detector of the last round; None if there is none, or it has other names."""
        if not before:
            return None
        try:
            known = open_trained(before[0]).names
        except (ModelError, OSError) as error:
            progress.say(f"{error}; the training begins with random weights")
            return None
        return before[0] if known == self.names else None
