"""How a training went, epoch by epoch."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from closeup.atomic import write_text


@dataclass(frozen=True, slots=True)
class Epoch:
    """One pass over the samples.

    Attributes:
        number: From 1.
        batch: Samples in one step.
        rate: Learning rate of its last step.
        seconds: How long it took.
        losses: Means over its batches.
        figures: What :meth:`TrainingTask.judge` said after it.

    """

    number: int
    batch: int
    rate: float
    seconds: float
    losses: Mapping[str, float]
    figures: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class History:
    """All epochs so far.

    Attributes:
        goal: The figure that must become small.
        epochs: In order, from the first.

    """

    goal: str
    epochs: tuple[Epoch, ...] = ()

    @property
    def best(self) -> Epoch:
        """The epoch with the least goal, the first of equals.

        Raises:
            ValueError: there is no epoch yet.

        """
        return min(self.epochs, key=lambda epoch: epoch.figures[self.goal])

    def with_epoch(self, epoch: Epoch) -> History:
        """The same with one more ``epoch``."""
        return History(self.goal, (*self.epochs, epoch))

    def is_over(self, epochs: int, patience: int | None) -> bool:
        """Whether all ``epochs`` are done, or ``patience`` ones brought nothing better."""
        done = len(self.epochs)
        if done == 0:
            return False
        return done >= epochs or (patience is not None and done - self.best.number >= patience)

    def as_plain(self) -> dict[str, Any]:
        """Numbers, texts, lists and dictionaries alone, for a checkpoint."""
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> History:
        """The history that :meth:`as_plain` made ``plain`` of."""
        return cls(plain["goal"], tuple(Epoch(**epoch) for epoch in plain["epochs"]))

    def write_csv(self, path: Path) -> None:
        """Write one row an epoch: ``train_…`` are losses, ``held_out_…`` the figures."""
        columns = ["epoch", "batch", "rate", "seconds"]
        for epoch in self.epochs[:1]:
            columns += [f"train_{name}" for name in epoch.losses]
            columns += [f"held_out_{name}" for name in epoch.figures]
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(columns)
        for epoch in self.epochs:
            start = [epoch.number, epoch.batch, f"{epoch.rate:.6g}", f"{epoch.seconds:.3f}"]
            values = [*epoch.losses.values(), *epoch.figures.values()]
            writer.writerow([*start, *(f"{value:.6g}" for value in values)])
        write_text(path, text.getvalue())
