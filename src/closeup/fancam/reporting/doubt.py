"""What was chosen for each tracklet, what may be wrong with it, and lines that would correct it."""

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
    """Who one tracklet was taken for.

    Attributes:
        member: Index of the member, or NOBODY.
        confidence: In 0..1, how sure that is.
        runner_up: The likeliest of all other members and NOBODY.
        odds: How many times likelier than the runner-up the chosen one is, by the evidence
            of this tracklet alone; below 1 where another tracklet stood in the way.

    """

    member: int
    confidence: float
    runner_up: int
    odds: float

    @property
    def doubt(self) -> float:
        """Probability that the choice is wrong."""
        return 1 - self.confidence

    @property
    def corrected(self) -> bool:
        """Whether a person decided: evidence has a limit, so it alone never gives exactly 1."""
        return self.confidence == 1


def choices(cast: IdentityAssignment) -> list[IdentityAlternative]:
    """The choice for each tracklet, in the order of the cast."""
    with_nobody = np.hstack([cast.evidence, np.zeros((len(cast.evidence), 1))])
    found = []
    for row, member, confidence in zip(with_nobody, cast.members, cast.confidence, strict=True):
        others = row.copy()
        others[member] = -np.inf
        second = int(others.argmax())
        found.append(
            IdentityAlternative(
                member=int(member),
                confidence=float(confidence),
                runner_up=NOBODY if second == len(row) - 1 else second,
                odds=float(np.exp(row[member] - row[second])),
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Fix:
    """What to write into ``corrections.json``.

    Attributes:
        when: In which case, as in "It is Rosé".
        key: Where in the file: ``tracklets`` or ``crops``.
        line: The JSON to put there.

    """

    when: str
    key: str
    line: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something in a solution that may be wrong.

    Attributes:
        start: First moment, in seconds from the first frame.
        end: Moment at which it is over.
        doubt: In 0..1, how much it deserves a look.
        why: One sentence.
        tracklet: Id of the tracklet that it is about, if it is one.
        members: Names of the members that it is about.
        fixes: What would correct it.

    """

    start: float
    end: float
    doubt: float
    why: str
    tracklet: int | None = None
    members: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()


def name_fixes(tracklet: int, names: Sequence[str]) -> tuple[Fix, ...]:
    """One line for each person that a tracklet may show, and one for nobody of them."""
    return (
        *(Fix(f"It is {name}", "tracklets", _entry(tracklet, name)) for name in names),
        Fix("It is none of the members", "tracklets", _entry(tracklet, None)),
    )


def crop_fix(name: str, start: float, end: float, box: NDArray[np.float64], frame: Size) -> Fix:
    """The crop of a member as it is now, in whole pixels of the frame, for a person to move."""
    low = np.clip(np.round(box[:2]), 0, np.array(frame) - 2)
    high = np.clip(np.round(box[2:]), low + 1, np.array(frame) - 1)
    sides = [int(side) for side in (*low, *high)]
    crop = {"member": name, "from": round(start, 2), "to": round(end, 2), "box": sides}
    return Fix("Move the crop", "crops", json.dumps(crop, ensure_ascii=False))


def _entry(tracklet: int, name: str | None) -> str:
    return f'"{tracklet}": {json.dumps(name, ensure_ascii=False)}'
