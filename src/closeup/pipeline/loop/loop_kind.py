"""What a loop learns: the parts in which pupils and members of a group differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from closeup.acquisition.candidates import LabelCandidates
from closeup.annotations import Annotation, LabelVerdict
from closeup.frames import RGBImage
from closeup.labelling.project import LabelProject
from closeup.progress import Progress
from closeup.store.label_queue import Unit
from closeup.store.label_records import StoredItem, StoredLabel


@dataclass(frozen=True, slots=True, eq=False)
class LabelPool:
    """What may be asked next.

    Attributes:
        units: (n) what is shown: a picture for a label by hand, or a proposed label for a verdict.
        candidates: Measures of the same n.

    """

    units: Sequence[Unit]
    candidates: LabelCandidates


@dataclass(frozen=True, slots=True, eq=False)
class WorstCase:
    """A held-out picture in which the models are far from the truth.

    Attributes:
        picture: The part that matters, with the truth and the prediction drawn on it.
        caption: What it is and how far off.

    """

    picture: RGBImage
    caption: str


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """Accuracy of the models of a round on pictures that nothing was learnt from.

    Attributes:
        figures: Name → value; the goal of the kind is among them.
        count: Number of held-out faces or pictures.
        worst: The worst cases, the worst first.

    """

    figures: Mapping[str, float]
    count: int
    worst: Sequence[WorstCase] = field(default=())


class LoopKind(Protocol):
    """The parts of a loop that depend on what is learnt.

    Attributes:
        name: ``pupils`` or ``members``.
        goal: Name of the figure of :class:`Evaluation` that is drawn; from 0 to 1, larger is
            better.
        label_task: Task of ``closeup label`` in which people set labels by hand.

    """

    name: str
    goal: str
    label_task: str

    @property
    def pictures(self) -> Path:
        """What ``closeup label`` and ``review`` open."""
        ...

    def collect(self, progress: Progress) -> None:
        """Gather the pictures; a second call does nothing."""
        ...

    def open(self, progress: Progress) -> AbstractContextManager[LabelProject]:
        """Open the store of labels."""
        ...

    def propose(self, project: LabelProject, models: Sequence[Path], progress: Progress) -> None:
        """Write proposals into the store.

        Args:
            project: The store and its pictures.
            models: The models of the last round; none in the first, in which classic methods, or a
                detector that needs no training, propose.
            progress: Receives stages and messages.

        """
        ...

    def to_judge(
        self, project: LabelProject, models: Sequence[Path], progress: Progress
    ) -> LabelPool:
        """Proposed labels without a verdict, with their measures."""
        ...

    def to_label(
        self, project: LabelProject, models: Sequence[Path], progress: Progress
    ) -> LabelPool:
        """Pictures without a label by hand, with their measures."""
        ...

    def learn(
        self, project: LabelProject, folder: Path, seed: int, progress: Progress
    ) -> tuple[Path, ...]:
        """Train the models of a round on all labels so far; an interrupted call is continued.

        Args:
            project: The store and its pictures.
            folder: Folder of the round.
            seed: Determines weights and order.
            progress: Receives stages and messages.

        Returns:
            The files of an ensemble, of which the first alone is used and evaluated.

        """
        ...

    def evaluate(self, models: Sequence[Path], progress: Progress) -> Evaluation:
        """Measure the first model on held-out pictures."""
        ...


class Oracle(Protocol):
    """Answers in place of people, from a table of the truth."""

    def verdict(self, item: StoredItem, label: StoredLabel) -> LabelVerdict:
        """Whether a proposed label is near enough to the truth; unsure without a truth."""
        ...

    def labels(self, item: StoredItem) -> Mapping[str, Annotation]:
        """Key → label of a picture by hand; empty without a truth."""
        ...
