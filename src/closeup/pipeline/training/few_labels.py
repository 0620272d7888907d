"""A pupil network from many coarse labels and few by hand: teachers, new labels, one student.

1. A few *teachers* learn coarse labels, then coarse ones and those by hand, half and half.
2. The teachers label all eyes anew, see :mod:`closeup.training.pupils.relabelling`.
3. The first teacher goes on learning as the *student*: the new labels, and those by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from closeup.errors import InputError
from closeup.pipeline.training.coarse_to_fine_faces import BY_HAND, SIZE, WIDTH, ReadFaces
from closeup.pipeline.training.pupil_training import PupilTrainingOptions, new_network, teach
from closeup.progress import Progress
from closeup.pupils.consensus import ConsensusWeights, pupil_consensus
from closeup.training.options import TrainingOptions
from closeup.training.pupils.networks import PupilNetworkOptions
from closeup.training.pupils.samples import PUPIL, EyeSamples
from closeup.training.pupils.split import split
from closeup.training.requirements import require_training

if TYPE_CHECKING:
    from closeup.training.pupils.network import PupilNetwork

_SIDES = np.array([WIDTH, WIDTH * SIZE.height / SIZE.width])
"""Sides of a crop, in eye distances."""


@dataclass(frozen=True, slots=True)
class FewLabelOptions:
    """Options of :func:`teach_from_few`.

    Attributes:
        teachers: Number of teachers; each has other initial weights and another order.
        coarse_epochs: Passes of a teacher over the coarse labels alone.
        fine_epochs: Passes over coarse labels and those by hand.
        student_epochs: Passes of the student.
        fine_share: Share of labels by hand in a pass of a teacher; they are repeated.
        student_share: The same for the student.
        network: The networks.
        seed: Determines weights and order.

    Raises:
        ValueError: there is no teacher.

    """

    teachers: int = 2
    coarse_epochs: int = 8
    fine_epochs: int = 1
    student_epochs: int = 7
    fine_share: float = 0.5
    student_share: float = 0.25
    network: PupilNetworkOptions = field(default_factory=PupilNetworkOptions)
    seed: int = 0

    def __post_init__(self) -> None:
        if self.teachers < 1:
            raise ValueError(f"teachers must be 1 or more, not {self.teachers}")


_HELD_OUT = 0.05
"""Share of the eyes by which the best epoch is chosen."""
_FINE_RATE, _STUDENT_RATE = 1e-3, 2e-3
"""Learning rates once labels by hand are among the others, instead of 4e-3 from scratch."""


def teach_from_few(
    coarse: EyeSamples,
    by_hand: EyeSamples,
    folder: Path,
    options: FewLabelOptions,
    progress: Progress,
) -> PupilNetwork:
    """Train teachers and the student; an interrupted training is continued.

    Args:
        coarse: All eyes with the labels of programs; NaN where there is none. Eyes with a label by
            hand may be among them.
        by_hand: Eyes with labels by hand.
        folder: Receives the folder of each training.
        options: Options of the trainings.
        progress: Receives stages and messages.

    Returns:
        The student, on the CPU.

    Raises:
        TrainingError: the extra ``train`` is not installed, or a loss is not finite.
        InputError: there are too few eyes, or the folder holds another training.
        OutputError: the folder cannot be written.

    """
    require_training()
    from closeup.training.pupils.relabelling import relabelled

    held_out = _held_out(coarse, by_hand)
    teachers = [
        _teacher(number, coarse, by_hand, held_out, folder, options, progress)
        for number in range(options.teachers)
    ]
    progress.say("the teachers label all eyes anew")
    labels = relabelled(teachers, coarse)
    progress.say("the student")
    student = teachers[0]
    last = _options(options, options.student_epochs, 0, _STUDENT_RATE)
    taught = with_share(by_hand, labels.chosen(~held_out), options.student_share)
    teach(student, taught, labels.chosen(held_out), last, folder / "student", progress)
    return student


def _teacher(
    number: int,
    coarse: EyeSamples,
    by_hand: EyeSamples,
    held_out: NDArray[np.bool_],
    folder: Path,
    options: FewLabelOptions,
    progress: Progress,
) -> PupilNetwork:
    """A network that has learnt coarse labels, then both."""
    progress.say(f"teacher {number + 1} of {options.teachers}")
    first = _options(options, options.coarse_epochs, number)
    then = _options(options, options.fine_epochs, number, _FINE_RATE)
    learnt, judged = coarse.chosen(~held_out), coarse.chosen(held_out)
    network = new_network(first, coarse.width, progress)
    teach(network, learnt, judged, first, folder / f"teacher-{number}" / "coarse", progress)
    both = with_share(by_hand, learnt, options.fine_share)
    teach(network, both, judged, then, folder / f"teacher-{number}" / "fine", progress)
    return network


def with_share(by_hand: EyeSamples, others: EyeSamples, share: float) -> EyeSamples:
    """Both sets, with the labels by hand repeated until they are a share of all samples.

    An eye in both keeps its label by hand only. No label by hand is left out.

    Args:
        by_hand: Eyes with the better labels.
        others: All other eyes.
        share: Share of the better labels, from 0 to below 1.

    """
    joined = EyeSamples.joined([by_hand, others])
    count = len(by_hand)
    wanted = round(share / (1 - share) * (len(joined) - count))
    repeated = np.resize(np.arange(count), max(count, wanted) if count else 0)
    return joined.chosen(np.concatenate([repeated, np.arange(count, len(joined))]))


def consensus_samples(
    faces: ReadFaces, methods: Sequence[str], by_hand: NDArray[np.integer]
) -> EyeSamples:
    """All eyes of labelled faces, with the consensus of coarse methods as their labels.

    Args:
        faces: The faces, with the results of the methods.
        methods: Names of the methods.
        by_hand: Indices of the faces whose labels by hand are known; offsets and weights of the
            methods are fitted to them.

    Returns:
        Samples with the agreement of the methods as weight; NaN and 0 where none found a pupil.

    """
    shown = np.flatnonzero(np.isfinite(faces.frames).all(axis=(1, 2)))
    found = np.stack([_labels(faces, method, shown) for method in methods])
    truth = _labels(faces, BY_HAND, shown)
    truth[~np.repeat(np.isin(shown, by_hand), 2)] = np.nan
    agreed = pupil_consensus(found, ConsensusWeights.fitted(found, truth))
    points = np.full((len(truth), 3, 2), np.nan, np.float32)
    points[:, PUPIL] = agreed.points / _SIDES
    own = [faces.faces[index] for index in shown.tolist()]
    openness = [[face.found_by[method].openness[0] for method in methods] for face in own]
    return EyeSamples(
        crops=np.concatenate([face.crops for face in own]),
        points=points,
        openness=_means(np.array(openness, np.float32)).ravel(),
        weight=agreed.agreement.astype(np.float32),
        groups=np.repeat(faces.people[shown], 2),
        faces=np.repeat(shown, 2),
        left=np.tile([False, True], len(shown)),
        width=WIDTH,
    )


def _labels(faces: ReadFaces, labeller: str, shown: NDArray[np.int64]) -> NDArray[np.float64]:
    """Labels (2 n, 2) of the eyes of some faces in their crops, in eye distances."""
    labels = [faces.faces[index].labels[labeller] for index in shown.tolist()]
    return np.asarray(np.array(labels).reshape(-1, 2) * _SIDES)


def _means(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Means over the second axis of the values that are known; NaN where none is."""
    known = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(known, values, 0).sum(axis=1) / known.sum(axis=1), np.float32)


def _held_out(coarse: EyeSamples, by_hand: EyeSamples) -> NDArray[np.bool_]:
    """Mask of eyes with a label by which the best epoch is chosen.

    They are of people of whom nothing is labelled by hand, unless there are no such people.
    """
    known = np.flatnonzero(np.isfinite(coarse.pupils).all(axis=1))
    if len(known) < 2:
        raise InputError(f"{len(known)} eyes with a coarse label are too few to learn from")
    chosen = known[split(coarse.chosen(known), _HELD_OUT).held_out]
    others = chosen[~np.isin(coarse.groups[chosen], by_hand.groups)]
    apart = np.zeros(len(coarse), np.bool_)
    apart[others if len(others) else chosen] = True
    return apart


def _options(
    options: FewLabelOptions, epochs: int, number: int, rate: float | None = None
) -> PupilTrainingOptions:
    """Options of one training of a teacher, which is known by its number."""
    seed = options.seed * options.teachers + number
    training = TrainingOptions(epochs=epochs, seed=seed, rate=rate or options.network.rate)
    return PupilTrainingOptions(network=options.network, training=training)
