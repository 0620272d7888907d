"""What was chosen for each tracklet, and what else it could have been."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from closeup.fancam.assign import NOBODY
from closeup.fancam.cast import IdentityAssignment


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
