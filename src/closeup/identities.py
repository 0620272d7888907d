"""Which member a face is like: what a gallery says of one face."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Likeness:
    """A member and how much a face is like them.

    Attributes:
        name: The member.
        confidence: Probability in 0..1 that the face is the member's, against all other members
            and a stranger.
        distance: Relative distance between the face and the member's centroid.

    """

    name: str
    confidence: float
    distance: float


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a gallery says of one face.

    Attributes:
        best: The most similar member.
        runner_up: The second most similar member; None in a gallery of one.
        accepted: Whether the face is similar enough to be given the name of ``best``.

    """

    best: Likeness
    runner_up: Likeness | None
    accepted: bool

    @property
    def name(self) -> str | None:
        """Name of the accepted member; None where no member is accepted."""
        return self.best.name if self.accepted else None
