"""The record of a training, epoch by epoch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from closeup.files.documents import write_table


@dataclass(frozen=True, slots=True)
class Epoch:
    """One pass over the samples.

    Attributes:
        number: From 1.
        batch: Samples in one step.
        rate: Learning rate of its last step.
        seconds: Its duration.
        losses: Means over its batches.
        figures: The result of :meth:`TrainingTask.judge` after it.

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
        goal: Name of the figure that is minimised.
        epochs: In order, from the first.

    """

    goal: str
    epochs: tuple[Epoch, ...] = ()

    @property
    def best(self) -> Epoch:
        """The epoch with the smallest goal, the first of equal ones.

        Raises:
            ValueError: there is no epoch yet.

        """
        return min(self.epochs, key=lambda epoch: epoch.figures[self.goal])

    def with_epoch(self, epoch: Epoch) -> History:
        """A copy with ``epoch`` appended."""
        return History(self.goal, (*self.epochs, epoch))

    def is_over(self, epochs: int, patience: int | None) -> bool:
        """Whether all ``epochs`` are done, or ``patience`` epochs brought no improvement."""
        done = len(self.epochs)
        if done == 0:
            return False
        return done >= epochs or (patience is not None and done - self.best.number >= patience)

    def as_plain(self) -> dict[str, Any]:
        """Numbers, strings, lists and dictionaries only, for a checkpoint."""
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> History:
        """The history from the result of :meth:`as_plain`."""
        return cls(plain["goal"], tuple(Epoch(**epoch) for epoch in plain["epochs"]))

    def write_csv(self, path: Path) -> None:
        """Write one row per epoch: ``train_…`` are losses, ``held_out_…`` the figures."""
        columns = ["epoch", "batch", "rate", "seconds"]
        for epoch in self.epochs[:1]:
            columns += [f"train_{name}" for name in epoch.losses]
            columns += [f"held_out_{name}" for name in epoch.figures]
        rows = [columns]
        for epoch in self.epochs:
            start = [str(epoch.number), str(epoch.batch), f"{epoch.rate:.6g}"]
            values = [*epoch.losses.values(), *epoch.figures.values()]
            numbers = [f"{value:.6g}" for value in values]
            rows.append([*start, f"{epoch.seconds:.3f}", *numbers])
        write_table(path, rows)
