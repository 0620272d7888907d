"""Chooses the pictures or labels that people see next, and makes a queue of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from closeup.acquisition.acquisition import Acquisition
from closeup.acquisition.candidates import LabelCandidates
from closeup.acquisition.uncertainty import ensemble_spread
from closeup.annotations import Annotation, KeyPoint, LabelVerdict, Origin
from closeup.errors import InputError
from closeup.files.passed_over import PassedOver
from closeup.labelling.project import LabelProject
from closeup.labelling.quality_network import LabelQualityNetwork
from closeup.pipeline.datasets.eye_cutter import BY_HAND
from closeup.pipeline.loop.picture_eyes import EyeFinder, EyesOfItems, measure_items
from closeup.progress import Progress, Silent
from closeup.pupils.network import EyeNetwork
from closeup.store.label_queue import Unit, Units, fill_queue
from closeup.store.label_records import StoredItem, StoredLabel

QUEUE = "next"

_ALIKE = 15
"""Frames of a video, half a second, that look so much alike that they count as one picture."""


@dataclass(frozen=True, slots=True)
class NextOptions:
    """What is asked for.

    Attributes:
        budget: Number of pictures or labels.
        units: Pictures that are to be labelled by hand, or proposed labels that are to be judged.
        queue: Name of the queue, which is replaced.
        seed: Determines what is drawn at random.

    Raises:
        ValueError: the budget is less than 1.

    """

    budget: int = 200
    units: Units = Units.PICTURES
    queue: str = QUEUE
    seed: int = 0

    def __post_init__(self) -> None:
        if self.budget < 1:
            raise ValueError(f"the budget must be 1 or more, not {self.budget}")


@dataclass(frozen=True, slots=True)
class ChosenUnit:
    """A picture or label of a queue.

    Attributes:
        unit: What is shown.
        item: Its picture.
        reason: Why it was chosen.

    """

    unit: Unit
    item: StoredItem
    reason: str


@dataclass(frozen=True, slots=True)
class NextQueue:
    """A queue that was made.

    Attributes:
        chosen: The units in the order of the queue.
        candidates: Number of units among which they were chosen.
        done: Number of pictures or labels that need no answer: labelled by hand, or judged.
        unreadable: Number of pictures that are gone or damaged.
        without_eyes: Number of pictures or labels in which no eye was found.

    """

    chosen: tuple[ChosenUnit, ...]
    candidates: int
    done: int
    unreadable: int
    without_eyes: int


@dataclass(frozen=True, slots=True, eq=False)
class EyeJudges:
    """The parts that measure eyes and choose among them.

    Attributes:
        finder: Finds the eyes in a picture.
        networks: At least one pupil network.
        acquisition: Chooses by the measures.
        quality: Judges labels; None without one.

    """

    finder: EyeFinder
    networks: Sequence[EyeNetwork]
    acquisition: Acquisition
    quality: LabelQualityNetwork | None = None


def fill_next_queue(
    project: LabelProject,
    judges: EyeJudges,
    options: NextOptions | None = None,
    progress: Progress | None = None,
) -> NextQueue:
    """Choose what is labelled or judged next, and make a queue of it.

    A picture is represented by the eye on which the networks differ most, or of which one network
    expects the largest error.

    Args:
        project: The store and its pictures.
        judges: What measures and chooses.
        options: What is asked for; None for 200 pictures.
        progress: Receives stages and messages; silent if None.

    Raises:
        InputError: nothing is left to choose, or a measure that the choice needs is not known.
        OutputError: the store cannot be written.

    """
    options, progress = options or NextOptions(), progress or Silent()
    items = list(project.store.all_items())
    passed = PassedOver(progress, noun="picture")
    eyes = measure_items(items, project.pictures, judges.finder, judges.networks, progress, passed)
    passed.say_sum()
    pool = _Pool(project, judges, eyes, items)
    asked, done = pool.to_label() if options.units is Units.PICTURES else pool.to_judge()
    readable = [one for one in asked if (one.item.path, one.item.frame) in eyes.rows]
    known = [one for one in readable if one.eyes]
    _need_some(known, asked, done, options)
    selection = judges.acquisition(
        pool.candidates(known, progress), options.budget, np.random.default_rng(options.seed)
    )
    chosen = tuple(
        ChosenUnit(known[row].unit, known[row].item, reason)
        for row, reason in zip(selection.rows.tolist(), selection.reasons, strict=True)
    )
    fill_queue(project.store.database, options.queue, ((one.unit, one.reason) for one in chosen))
    unreadable = len({one.item.id for one in asked} - {one.item.id for one in readable})
    return NextQueue(chosen, len(known), done, unreadable, len(readable) - len(known))


@dataclass(frozen=True, slots=True)
class _Asked:
    """A unit that may be chosen, with the eyes that it is about."""

    unit: Unit
    item: StoredItem
    eyes: Sequence[int]
    label: Annotation | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Pool:
    """The units of a store that may be chosen, and their measures."""

    project: LabelProject
    judges: EyeJudges
    eyes: EyesOfItems
    items: Sequence[StoredItem]

    def to_label(self) -> tuple[list[_Asked], int]:
        """Pictures without a label by hand, and the number of the others."""
        asked = [
            _Asked(Unit(item.id), item, self.eyes.of(item))
            for item in self.items
            if not _is_labelled(item)
        ]
        return asked, len(self.items) - len(asked)

    def to_judge(self) -> tuple[list[_Asked], int]:
        """Proposed labels without a verdict, and the number of those that have one."""
        asked, judged = [], 0
        for item in self.items:
            for label in filter(_is_proposed, item.labels):
                if label.annotation.verdict is not None or _is_labelled(item):
                    judged += 1
                    continue
                found = (
                    self.eyes.at(item, name, np.array([point.x, point.y]))
                    for name, point in label.annotation.points.items()
                )
                eyes = [eye for eye in found if eye is not None]
                asked.append(_Asked(Unit(item.id, label.object), item, eyes, label.annotation))
        return asked, judged

    def candidates(self, asked: Sequence[_Asked], progress: Progress) -> LabelCandidates:
        """The measures of units that have eyes."""
        measured = self.eyes.measured
        doubt = measured.expected
        if len(measured.points) > 1:
            doubt = ensemble_spread(measured.predictions)
        labelled = chain.from_iterable(map(self.eyes.of, filter(_is_labelled, self.items)))
        far = np.array([self._disagreement(one) for one in asked])
        jumps = np.array([max(self.eyes.jump(one.item, eye) for eye in one.eyes) for one in asked])
        return measured.candidates(
            [max(one.eyes, key=lambda eye: float(doubt[eye])) for one in asked],
            _pictures(asked),
            list(labelled),
            disagreement=_known(far),
            bad=self._bad(asked, progress),
            change=_known(jumps),
        )

    def _disagreement(self, asked: _Asked) -> float:
        """Median over classic methods of the distance of their label from the networks' mean.

        For a unit that is a label it is the distance of that label.
        """
        labels = [asked.label] if asked.label is not None else [
            label.annotation
            for label in asked.item.labels
            if label.annotation.origin is Origin.COARSE
        ]  # fmt: skip
        far = [own for label in labels for own in self._distances(asked.item, label)]
        return float(np.median(far)) if far else np.nan

    def _distances(self, item: StoredItem, label: Annotation) -> list[float]:
        """Distance of each of a label's pupils from the networks' mean, in eye distances."""
        measured, distances = self.eyes.measured, []
        for name, point in label.points.items():
            place = np.array([point.x, point.y])
            eye = self.eyes.at(item, name, place)
            if eye is not None:
                away = float(np.linalg.norm(measured.mean[eye] - place))
                distances.append(away / float(measured.distances[eye]))
        return distances

    def _bad(self, asked: Sequence[_Asked], progress: Progress) -> NDArray[np.float64] | None:
        """P(bad) of the labels that are judged, or of the networks' own; None without a network."""
        quality = self.judges.quality
        if quality is None:
            return None
        progress.begin("judging labels", len(asked))
        bad = np.full(len(asked), np.nan)
        for row, one in enumerate(asked):
            progress.advance()
            labels = self._own_labels(one) if one.label is None else [one.label]
            image = self.project.pictures.read(one.item)
            said = [quality.assess_label(image, label) for label in labels]
            bad[row] = max((float(own.bad[0]) for own in said if own is not None), default=np.nan)
        return bad

    def _own_labels(self, asked: _Asked) -> list[Annotation]:
        """The networks' label of each face: the mean of their pupils."""
        measured, labels = self.eyes.measured, []
        for face in sorted(set(self.eyes.faces[list(asked.eyes)].tolist())):
            points = {
                self.eyes.points[eye]: KeyPoint(*measured.mean[eye].tolist())
                for eye in asked.eyes
                if self.eyes.faces[eye] == face
            }
            labels.append(Annotation(points=points))
        return labels


def _pictures(asked: Sequence[_Asked]) -> list[int]:
    """Numbers of pictures, each of which gives few labels; near frames of a video are one."""
    keys = [_picture(one.item) for one in asked]
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    return [numbers[key] for key in keys]


def _picture(item: StoredItem) -> tuple[str, int | None]:
    """What a picture shows: a crop of an eye data set shows the photo that it was cut from."""
    source = item.extra.get("eyes", {})
    path, frame = source.get("image", item.path), source.get("frame", item.frame)
    return path, None if frame is None else frame // _ALIKE


def _is_labelled(item: StoredItem) -> bool:
    """Whether a picture needs no label by hand: it has one, or a true one, or was passed over."""
    if item.verdict is not None:
        return True
    return any(
        label.annotation.origin is Origin.PERSON
        or label.annotation.method == BY_HAND
        or label.annotation.verdict in (LabelVerdict.TRUE, LabelVerdict.UNSURE)
        for label in item.labels
    )


def _is_proposed(label: StoredLabel) -> bool:
    return label.annotation.origin in (Origin.COARSE, Origin.MODEL, Origin.IMPORTED)


def _known(values: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """The values; None if there is none but NaN."""
    return values if np.isfinite(values).any() else None


def _need_some(
    known: Sequence[_Asked], asked: Sequence[_Asked], done: int, options: NextOptions
) -> None:
    """Refuse an empty choice with the reason."""
    if known:
        return
    if options.units is Units.LABELS and not asked:
        raise InputError(
            f"no proposed label is left to judge ({done} are judged already); let a program "
            "propose some with --propose pupils"
        )
    if not asked:
        raise InputError(f"all {done} pictures are labelled by hand already; add pictures")
    raise InputError(
        f"in none of the {len(asked)} pictures or labels that are left an eye was found; check "
        "that the pictures are there, and show faces with open eyes"
    )
