"""The result of the comparison of a face with a gallery."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Likeness:
    """A member, and the similarity of a face to the member.

    Attributes:
        name: Name of the member.
        confidence: Probability in 0..1 that the face is the member's, against all other members
            and a person outside the gallery.
        distance: Relative distance between the face and the member's centroid.

    """

    name: str
    confidence: float
    distance: float


@dataclass(frozen=True, slots=True)
class Recognition:
    """The result of the comparison of one face with a gallery.

    Attributes:
        best: The most similar member.
        runner_up: The second most similar member; None in a gallery of one member.
        accepted: Whether the face is similar enough to be given the name of ``best``.
        defects: Defects that make the comparison less reliable, as in "the face is too blurred".

    """

    best: Likeness
    runner_up: Likeness | None
    accepted: bool
    defects: tuple[str, ...] = ()

    @property
    def name(self) -> str | None:
        """Name of the accepted member; None if no member is accepted."""
        return self.best.name if self.accepted else None
