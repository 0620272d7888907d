"""The result of the comparison of a face with a gallery."""

from __future__ import annotations

from dataclasses import dataclass

CANDIDATES = 3
"""Number of members that a :class:`Recognition` names, if the gallery has as many."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """A member, and the similarity of a face to the member.

    Attributes:
        name: Name of the member.
        confidence: Probability in 0..1 that the face is the member's, against all other members
            and a person outside the gallery. A face that was decided alone is equally likely to be
            any of them before the comparison; in a picture, the other faces count, too.
        distance: Relative distance between the face and the member's centroid.
        odds: How many times likelier such a face is if it is this member's than if it is somebody
            else's, without regard to the other members.
        false_accept_rate: Share of non-members, in 0..1, of whom a face as near to any member of
            the gallery would be found, without the members whom other faces of the picture show:
            the lowest limit at which the member may be accepted.

    """

    name: str
    confidence: float
    distance: float
    odds: float
    false_accept_rate: float


@dataclass(frozen=True, slots=True)
class Recognition:
    """The result of the comparison of one face with a gallery.

    Attributes:
        candidates: The likeliest members, at most :data:`CANDIDATES`, best first; at least one.
        accepted: Whether the face is given the name of the first. It is not if the confidence is
            too low, the face is not near enough, or another face of the picture has the name.
        defects: Defects that make the comparison less reliable, as in "the face is too blurred".

    """

    candidates: tuple[Likeness, ...]
    accepted: bool
    defects: tuple[str, ...] = ()

    @property
    def best(self) -> Likeness:
        """The most similar member."""
        return self.candidates[0]

    @property
    def runner_up(self) -> Likeness | None:
        """The second most similar member; None in a gallery of one member."""
        return self.candidates[1] if len(self.candidates) > 1 else None

    @property
    def name(self) -> str | None:
        """Name of the accepted member; None if no member is accepted."""
        return self.best.name if self.accepted else None
