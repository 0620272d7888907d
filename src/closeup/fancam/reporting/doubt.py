"""The choice for each tracklet, its doubts, and lines for ``corrections.json`` that correct it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.fancam.assign import NOBODY
from closeup.fancam.identity_assignment import IdentityAssignment
from closeup.geometry import Size


@dataclass(frozen=True, slots=True)
class IdentityAlternative:
    """The identity chosen for one tracklet, and the likeliest alternative.

    Attributes:
        member: Index of the chosen member, or NOBODY.
        confidence: Probability in 0..1 that the choice is right.
        runner_up: The likeliest of all other members and NOBODY.
        odds: Odds of the choice against the runner-up by the evidence alone; below 1 if another
            tracklet shows the likelier member at the same time.
        corrected: Whether a correction decided.

    """

    member: int
    confidence: float
    runner_up: int
    odds: float
    corrected: bool

    @property
    def doubt(self) -> float:
        """Probability that the choice is wrong."""
        return 1 - self.confidence


def alternatives(assignment: IdentityAssignment) -> list[IdentityAlternative]:
    """The choice for each tracklet, in the order of ``assignment``."""
    with_nobody = np.hstack([assignment.evidence, np.zeros((len(assignment.evidence), 1))])
    found = []
    for tracklet, (row, member, confidence) in enumerate(
        zip(with_nobody, assignment.members, assignment.confidence, strict=True)
    ):
        others = row.copy()
        others[member] = -np.inf
        second = int(others.argmax())
        found.append(
            IdentityAlternative(
                member=int(member),
                confidence=float(confidence),
                runner_up=NOBODY if second == len(row) - 1 else second,
                odds=float(np.exp(row[member] - row[second])),
                corrected=tracklet in assignment.fixed,
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Fix:
    """A line to write into ``corrections.json``.

    Attributes:
        when: The case in which it applies, as in "It is Rosé".
        key: The key of the file that it belongs to: ``persons``, ``tracklets`` or ``crops``.
        line: The JSON to write there.

    """

    when: str
    key: str
    line: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """A part of a solution that may be wrong.

    Attributes:
        start: First moment, in seconds from the first frame.
        end: Moment at which it ends, in the same seconds.
        doubt: Priority of a check, in 0..1.
        why: The reason, in one sentence.
        tracklet: Id of the tracklet concerned, or of the person's first; None for other doubts.
        members: Names of the members concerned.
        fixes: Lines that would correct it.
        person: Number of the person concerned; None for other doubts.

    """

    start: float
    end: float
    doubt: float
    why: str
    tracklet: int | None = None
    members: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()
    person: int | None = None


def name_fixes(key: str, number: int, names: Sequence[str | None]) -> tuple[Fix, ...]:
    """One line for each identity that a person or a tracklet may have.

    Args:
        key: ``persons`` or ``tracklets``.
        number: Number of the person or the tracklet.
        names: Names of members; None for none of the members.

    """
    return tuple(
        Fix(
            "It is none of the members" if name is None else f"It is {name}",
            key,
            entry(number, name),
        )
        for name in names
    )


def crop_fix(name: str, start: float, end: float, box: NDArray[np.float64], frame: Size) -> Fix:
    """The present crop of a member as a line to edit, in whole pixels inside the frame."""
    low = np.clip(np.round(box[:2]), 0, np.array(frame) - 2)
    high = np.clip(np.round(box[2:]), low + 1, np.array(frame) - 1)
    sides = [int(side) for side in (*low, *high)]
    crop = {"member": name, "from": round(start, 2), "to": round(end, 2), "box": sides}
    return Fix("Move the crop", "crops", json.dumps(crop, ensure_ascii=False))


def entry(number: int, name: str | None) -> str:
    """A line of ``persons`` or ``tracklets``."""
    return f'"{number}": {json.dumps(name, ensure_ascii=False)}'


def odds_in_words(odds: float) -> str:
    """Odds of 1 or more in words: ``3 to 1``."""
    if odds >= 1000:
        return "more than 1000 to 1"
    return f"{odds:.0f} to 1" if odds >= 10 else f"{odds:.1f} to 1".replace(".0 ", " ")
