"""What a loop is about, how much is asked in a round, and how an oracle answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

KINDS = ("pupils", "members")
"""What can be learnt."""


@dataclass(frozen=True, slots=True)
class LoopSetup:
    """What a loop is about; it is the same in all runs of a project.

    Attributes:
        learn: One of :data:`KINDS`.
        pictures: Folder of photos, or a video.
        coarse: Classic methods that propose pupils in the first round; the first of them labels the
            data set of eyes.
        members: Photos of the members; None for pupils.
        every: Every ``every``-th frame of a video is taken.
        detector: Name of the face detector.
        test: Table of hand-set pupils, or folder of a labelled set, to measure on; None for labels
            by hand of held-out people.
        test_images: Folder of the photos of ``test``; None if they lie beside it.
        seed: Determines all random choices.

    Raises:
        ValueError: a value is unknown, missing or out of range.

    """

    learn: str
    pictures: Path
    coarse: tuple[str, ...] = ("darkest", "projection", "mean-shift")
    members: Path | None = None
    every: int = 1
    detector: str = "auto"
    test: Path | None = None
    test_images: Path | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if self.learn not in KINDS:
            raise ValueError(f"a loop learns {' or '.join(KINDS)}, not {self.learn!r}")
        if self.learn == "members" and self.members is None:
            raise ValueError("a loop for members needs their photos; give --members")
        if not self.coarse:
            raise ValueError("name at least one coarse method")
        if self.every < 1 or self.seed < 0:
            raise ValueError("every must be 1 or more, and seed 0 or more")

    def as_json(self) -> dict[str, Any]:
        """The options for JSON; paths are absolute."""
        return {one.name: _plain(getattr(self, one.name)) for one in fields(self)}

    @classmethod
    def of_json(cls, content: Mapping[str, Any]) -> LoopSetup:
        """The options that :meth:`as_json` wrote.

        Raises:
            ValueError, TypeError, KeyError: they are not.

        """
        values = {one.name: content[one.name] for one in fields(cls)}
        for name in ("pictures", "members", "test", "test_images"):
            values[name] = None if values[name] is None else Path(values[name])
        return cls(**{**values, "coarse": tuple(values["coarse"])})


@dataclass(frozen=True, slots=True)
class LoopBudget:
    """How much is asked and trained in a round; it may be changed between runs.

    Attributes:
        rounds: Number of rounds, after which the loop ends.
        verdicts: Proposed labels to judge in a round.
        points: Pictures to label by hand in a round.
        networks: Networks of an ensemble.
        epochs: Passes over the samples in a training; the last round takes twice as many.
        steps: Least number of steps of a training for pupils, for which few samples are repeated;
            the weights that are averaged need some hundreds.

    Raises:
        ValueError: a number is out of range.

    """

    rounds: int = 6
    verdicts: int = 500
    points: int = 100
    networks: int = 2
    epochs: int = 15
    steps: int = 600

    def __post_init__(self) -> None:
        for name in ("rounds", "networks", "epochs", "steps"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be 1 or more, not {getattr(self, name)}")
        if self.verdicts < 0 or self.points < 0 or not self.verdicts + self.points:
            raise ValueError("ask for at least one verdict or point in a round")


@dataclass(frozen=True, slots=True)
class OracleOptions:
    """How a table of the truth answers in place of people.

    Attributes:
        truth: The table.
        tolerance: Largest distance from the truth of a label that is called true: in eye distances
            for pupils, 1 minus the overlap (intersection over union) for boxes; None for the usual
            one of what is learnt.
        noise: Standard deviation of points that are set, in each direction, in the same unit.
        wrong: Share of the verdicts that are the opposite of what is true.

    Raises:
        ValueError: a number is out of range.

    """

    truth: Path
    tolerance: float | None = None
    noise: float = 0.0
    wrong: float = 0.0

    def __post_init__(self) -> None:
        if self.tolerance is not None and not 0 < self.tolerance <= 1:
            raise ValueError(f"the tolerance must be above 0 and at most 1, not {self.tolerance}")
        if not 0 <= self.noise <= 1 or not 0 <= self.wrong <= 1:
            raise ValueError(f"noise must be from 0 to 1, not {self.noise}, {self.wrong}")


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value.resolve())
    return list(value) if isinstance(value, tuple) else value
