"""The history of a loop: what was asked, answered, learnt and measured in each round."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

VERDICTS, POINTS = "verdicts", "points"
"""What is asked: verdicts on proposed labels, and labels by hand."""


class LoopStep(StrEnum):
    """The steps of a round, in order."""

    PROPOSE = "propose"
    ASK = "ask"
    ANSWER = "answer"
    LEARN = "learn"
    EVALUATE = "evaluate"
    DONE = "done"


STEPS = tuple(LoopStep)


@dataclass(frozen=True, slots=True)
class LoopRound:
    """One round of a loop.

    Attributes:
        number: Its number from 1.
        step: The step that is to be done next.
        asked: ``verdicts`` and ``points`` → number of units in the queues of the round.
        answered: The same → number of units that were decided.
        authors: Person → number of their answers.
        revision: Number of revisions in the store when the training began; None before.
        models: Paths of the models below the project, the one that is used first.
        sources: Source of labels → number of labels that the models learnt from.
        figures: Figures of the first model.
        interval: 95 % confidence interval of the goal.
        count: Number of held-out faces or pictures.
        agreement: Share of the predictions that stayed as in the round before; None in the first.
        advice: Whether more labels pay, in a sentence.
        seconds: Step → seconds that it took, without the time in which people answered.

    """

    number: int
    step: LoopStep = LoopStep.PROPOSE
    asked: Mapping[str, int] = field(default_factory=dict)
    answered: Mapping[str, int] = field(default_factory=dict)
    authors: Mapping[str, int] = field(default_factory=dict)
    revision: int | None = None
    models: tuple[str, ...] = ()
    sources: Mapping[str, int] = field(default_factory=dict)
    figures: Mapping[str, float] = field(default_factory=dict)
    interval: tuple[float, float] = (0.0, 1.0)
    count: int = 0
    agreement: float | None = None
    advice: str = ""
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """Version of the labels that are proposed in this round."""
        return f"round-{self.number}"

    @property
    def folder(self) -> Path:
        """Its folder below that of the project."""
        return Path("rounds", f"{self.number:02d}")

    def queue(self, kind: str) -> str:
        """Name of the queue of its ``verdicts`` or ``points``."""
        return f"{self.version}-{kind}"

    def as_json(self) -> dict[str, Any]:
        """The round for JSON."""
        return asdict(self)

    @classmethod
    def of_json(cls, content: Mapping[str, Any]) -> LoopRound:
        """The round that :meth:`as_json` wrote.

        Raises:
            ValueError, TypeError, KeyError: it is not one.

        """
        low, high = content["interval"]
        values = {
            **content,
            "step": LoopStep(content["step"]),
            "models": tuple(content["models"]),
            "interval": (float(low), float(high)),
        }
        return cls(**values)


def answers_until(rounds: tuple[LoopRound, ...], kind: str) -> list[int]:
    """Number of ``verdicts`` or ``points`` that were answered up to each round."""
    total, found = 0, []
    for one in rounds:
        total += one.answered.get(kind, 0)
        found.append(total)
    return found
