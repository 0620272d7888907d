"""What a loop learns: the parts in which pupils and members of a group differ."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np

from closeup.acquisition.candidates import LabelCandidates
from closeup.annotations import Annotation, LabelVerdict
from closeup.frames import RGBImage
from closeup.labelling.project import LabelProject
from closeup.pipeline.loop.loop_options import LoopBudget, OracleOptions
from closeup.progress import Progress
from closeup.store.label_queue import Unit
from closeup.store.label_records import StoredItem, StoredLabel


@dataclass(frozen=True, slots=True, eq=False)
class LabelPool:
    """What may be asked next.

    Attributes:
        units: (n) what is shown: a picture for a label by hand, or a proposed label for a verdict.
        candidates: Measures of the same n.
        first: Index of a unit that is asked before all others → the reason, the most urgent first;
            such as an object whose proposed label was called false.

    """

    units: Sequence[Unit]
    candidates: LabelCandidates
    first: Mapping[int, str] = field(default_factory=dict)

    def without(self, items: Collection[int]) -> LabelPool:
        """The pool without the units of some items."""
        kept = np.array([unit.item not in items for unit in self.units], np.bool_)
        rows = np.flatnonzero(kept)
        places = {row: place for place, row in enumerate(rows.tolist())}
        return LabelPool(
            [self.units[row] for row in places],
            self.candidates.chosen(rows),
            {places[row]: reason for row, reason in self.first.items() if row in places},
        )


@dataclass(frozen=True, slots=True)
class Learnt:
    """The models of a round, and what they were trained on.

    Attributes:
        models: The files of an ensemble, of which the first alone is used and evaluated.
        sources: Source of labels, in a few words, → number of labels.

    """

    models: tuple[Path, ...]
    sources: Mapping[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class HeldOutCase:
    """A held-out object, with the truth and a prediction.

    Attributes:
        picture: The part of the picture that matters, with both drawn on it; all cases of a kind
            have one size.
        caption: What it is and how far off, in one or two short lines.

    """

    picture: RGBImage
    caption: str


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """Accuracy of the models of a round on pictures that nothing was learnt from.

    Attributes:
        figures: Name → value; the goal of the kind is among them.
        interval: 95 % confidence interval of the goal.
        count: Number of held-out faces or pictures.
        worst: The worst cases, the worst first.
        taught: Cases that the models of the round before got wrong, and these get right; the
            largest improvement first.
        agreement: Share of the predictions that stayed as those of the models before; None if there
            are none.

    """

    figures: Mapping[str, float]
    interval: tuple[float, float]
    count: int
    worst: Sequence[HeldOutCase] = field(default=())
    taught: Sequence[HeldOutCase] = field(default=())
    agreement: float | None = None


class LoopKind(Protocol):
    """The parts of a loop that depend on what is learnt."""

    @property
    def name(self) -> str:
        """``pupils`` or ``members``."""
        ...

    @property
    def goal(self) -> str:
        """Name of the figure of :class:`Evaluation` that is drawn; larger is better, 1 at most."""
        ...

    @property
    def goal_text(self) -> str:
        """What the goal is the share of, for an axis and after a number."""
        ...

    @property
    def label_task(self) -> str:
        """Task of ``closeup label`` in which people set labels by hand."""
        ...

    @property
    def least_measured(self) -> int:
        """Fewest held-out pictures with labels by hand that can be measured on."""
        ...

    @property
    def pictures(self) -> Path:
        """What ``closeup label`` and ``review`` open."""
        ...

    def collect(self, progress: Progress) -> None:
        """Gather the pictures; an interrupted call is continued, a complete one does nothing."""
        ...

    def open(self, progress: Progress) -> AbstractContextManager[LabelProject]:
        """Open the store of labels."""
        ...

    def propose(
        self, project: LabelProject, models: Sequence[Path], version: str, progress: Progress
    ) -> None:
        """Write proposals into the store; a second call with the same models adds nothing.

        Args:
            project: The store and its pictures.
            models: The models of the last round; none in the first, in which classic methods, or a
                detector that needs no training, propose.
            version: Version of the proposed labels, which names the round, such as ``round-2``.
            progress: Receives stages and messages.

        """
        ...

    def to_judge(
        self, project: LabelProject, models: Sequence[Path], version: str, progress: Progress
    ) -> LabelPool:
        """Proposed labels of this version without a verdict, with their measures.

        In the first round they are those of the classic methods. Objects that have a label by hand,
        or a proposed one that was called true, are left out.
        """
        ...

    def to_label(
        self, project: LabelProject, models: Sequence[Path], version: str, progress: Progress
    ) -> LabelPool:
        """Pictures without a label by hand, with their measures; those called false come first."""
        ...

    def to_measure(self, project: LabelProject) -> Sequence[Unit]:
        """Held-out pictures without a label by hand, in the order in which they are asked.

        Nothing is learnt from their labels. There are none if the held-out pictures are labelled.
        """
        ...

    def learn(
        self,
        project: LabelProject,
        models: Sequence[Path],
        folder: Path,
        effort: LoopBudget,
        seed: int,
        progress: Progress,
    ) -> Learnt:
        """Train the models of a round on all labels so far; an interrupted call is continued.

        Args:
            project: The store and its pictures; no label changes until an interrupted call is
                continued.
            models: The models of the last round, which may be the beginning; none in the first.
            folder: Folder of the round, in which the models are written.
            effort: Number of networks and epochs.
            seed: Determines weights and order.
            progress: Receives stages and messages.

        Raises:
            InputError: there are too few labels, or they fail the sanity checks.

        """
        ...

    def oracle(self, options: OracleOptions) -> Oracle:
        """What answers from a table of the truth, once the pictures are gathered.

        Raises:
            InputError: the table cannot be read, or is of other pictures.

        """
        ...

    def evaluate(
        self,
        project: LabelProject,
        models: Sequence[Path],
        before: Sequence[Path],
        progress: Progress,
    ) -> Evaluation:
        """Measure the first model on held-out pictures.

        Args:
            project: The store and its pictures.
            models: The models of the round.
            before: Those of the round before, to show what was learnt; none after the first.
            progress: Receives stages and messages.

        """
        ...


class Oracle(Protocol):
    """Answers in place of people, from a table of the truth."""

    def verdict(self, item: StoredItem, label: StoredLabel) -> LabelVerdict:
        """Whether a proposed label is near enough to the truth; unsure without a truth.

        The same label gets the same verdict, also from another process.
        """
        ...

    def labels(self, item: StoredItem) -> Mapping[str, Annotation | None]:
        """Key → label of a picture by hand, None for one to remove; empty without a truth."""
        ...
