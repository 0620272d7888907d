"""The persons of a video for the report: when each is seen, who it may be, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from closeup.fancam.assign import NOBODY
from closeup.fancam.camera.stretches import runs
from closeup.fancam.identity_assignment import IdentityAssignment
from closeup.fancam.persons import VideoPerson
from closeup.fancam.reporting.doubt import IdentityAlternative, alternatives
from closeup.fancam.solution import Solution
from closeup.geometry import heights_of
from closeup.tracks import Tracklet

SURE = 0.95
"""Confidence from which a choice needs no check."""

_SURER = 3.0
"""Difference of log odds from which one of two persons is surely the likelier one: e³ is 20 to 1.
"""

_HELD = 2.0
"""Log odds from which faces alone hold a tracklet to its person; see ``persons.find_persons``."""


@dataclass(frozen=True, eq=False)
class PersonSummary:
    """A person of the video.

    Attributes:
        person: The person.
        tracklets: Its tracklets, in the order of their ids.
        choice: The identity of its surest tracklet.
        withheld: The member that the person probably is, if no tracklet is sure enough to be
            shown; NOBODY otherwise.
        elsewhere: Member → tracklet that surely shows the member at the same time.
        shown: (n,) bool, frames that show the person.
        edges: (n + 1,) starts of the n frames and end of the last one, in seconds.

    """

    person: VideoPerson
    tracklets: Sequence[Tracklet]
    choice: IdentityAlternative
    withheld: int
    elsewhere: Mapping[int, int]
    shown: NDArray[np.bool_]
    edges: NDArray[np.float64]

    @cached_property
    def spans(self) -> list[tuple[float, float]]:
        """Start and end of each stretch that shows the person, in seconds."""
        found = runs(self.shown, slice(0, len(self.shown)))
        return [(float(self.edges[run.start]), float(self.edges[run.stop])) for run in found]

    @property
    def seconds(self) -> float:
        """How long the person is seen."""
        return float(np.diff(self.edges)[self.shown].sum())

    @property
    def weight(self) -> float:
        """Total weight of the embedded faces."""
        return float(sum(tracklet.weights.sum() for tracklet in self.tracklets))

    @property
    def height(self) -> float:
        """Median height of the face in pixels."""
        return float(np.median(np.concatenate([heights_of(t.boxes) for t in self.tracklets])))


def summaries(solution: Solution, edges: NDArray[np.float64]) -> list[PersonSummary]:
    """All persons of a video, in the order of their first tracklets."""
    assignment = solution.assignment
    choices = alternatives(assignment)
    found = []
    for person in assignment.persons:
        tracklets = [solution.tracklets[row] for row in person.tracklets]
        shown = np.zeros(len(edges) - 1, bool)
        shown[np.concatenate([tracklet.frames for tracklet in tracklets])] = True
        surest = max((choices[row] for row in person.tracklets), key=lambda own: own.confidence)
        away = elsewhere(assignment, person.tracklets)
        withheld = int(assignment.withheld[list(person.tracklets)].max())
        probable = NOBODY if surest.member != NOBODY else withheld
        found.append(PersonSummary(person, tracklets, surest, probable, away, shown, edges))
    return found


def elsewhere(assignment: IdentityAssignment, rows: Sequence[int]) -> dict[int, int]:
    """Members whom other tracklets surely show at the time of some tracklets.

    Args:
        assignment: Identity assignment of all tracklets.
        rows: Ids of the tracklets, all of one person.

    Returns:
        Member → id of a tracklet that was corrected to the member, or whose faces are much
        likelier to be the member's.

    """
    grounds, owners = assignment.grounds, assignment.owners
    faces = np.where(grounds.photos != 0, grounds.photos, grounds.video)
    others = assignment.conflicts[list(rows)].any(axis=0) & (assignment.members != NOBODY)
    found = {}
    for row in np.flatnonzero(others & (assignment.confidence >= SURE)).tolist():
        member = int(assignment.members[row])
        surer = faces[owners[row], member] - faces[owners[rows[0]], member]
        if row in assignment.fixed or surer >= _SURER:
            found[member] = row
    return found


def person_rows(solution: Solution, persons: Iterable[PersonSummary]) -> list[dict[str, Any]]:
    """The persons as objects for JSON, those who are seen longest first, and duplicates last.

    Each has ``id`` (the number of its first tracklet, which corrections name it by), ``member``
    (None for nobody), ``withheld`` (the member it probably is, where that is not certain enough to
    be shown), ``confidence``, ``corrected``, ``seconds``, ``spans`` (start and end of each
    stretch), ``faces`` (number of embedded faces), ``tracklets`` (ids), ``candidates`` (``name``
    and ``confidence`` of the likeliest members), ``elsewhere`` (members whom somebody else is at
    the same time), ``conflicts`` (ids of the persons who are seen at the same time), ``duplicate``
    (whether it is a reflection or a screen's picture of one of those) and ``grounds``, see
    :func:`_grounds`.
    """
    listed = sorted(persons, key=lambda own: (own.person.duplicate, -own.seconds))
    return [_row(solution, own) for own in listed]


def _row(solution: Solution, own: PersonSummary) -> dict[str, Any]:
    assignment, names = solution.assignment, solution.names
    member = own.choice.member
    candidates = assignment.candidates(own.person.id)
    return {
        "id": own.person.id,
        "member": None if member == NOBODY else names[member],
        "withheld": None if own.withheld == NOBODY else names[own.withheld],
        "confidence": round(own.choice.confidence, 3),
        "corrected": own.choice.corrected,
        "seconds": round(own.seconds, 3),
        "spans": [[round(start, 3), round(end, 3)] for start, end in own.spans],
        "faces": sum(len(tracklet.embeddings) for tracklet in own.tracklets),
        "tracklets": list(own.person.tracklets),
        "candidates": [
            {"name": names[candidate], "confidence": round(sure, 3)}
            for candidate, sure in candidates
        ],
        "elsewhere": [names[other] for other in own.elsewhere],
        "conflicts": _conflicts(assignment, own.person),
        "duplicate": own.person.duplicate,
        "grounds": _grounds(assignment, own),
    }


def _conflicts(assignment: IdentityAssignment, person: VideoPerson) -> list[int]:
    rows = np.flatnonzero(assignment.conflicts[list(person.tracklets)].any(axis=0)).tolist()
    others = (other for other in assignment.persons if other is not person)
    return [other.id for other in others if not set(rows).isdisjoint(other.tracklets)]


def _grounds(assignment: IdentityAssignment, own: PersonSummary) -> dict[str, Any]:
    """What the identity of a person rests on.

    ``photos`` and ``video`` are log odds (natural logarithms) that the faces are those of the
    member's photos, and those of other persons of the video who are surely the member; for nobody,
    of the runner-up. They are None without such evidence. ``faces`` counts the tracklets that
    faces hold to this person, ``place_and_clothes`` those that hold by where they are and what is
    worn only.
    """
    row = assignment.owners[own.person.id]
    member = own.choice.runner_up if own.choice.member == NOBODY else own.choice.member
    held = np.array(own.person.faces) >= _HELD
    return {
        "photos": _log_odds(assignment.grounds.photos[row], member),
        "video": _log_odds(assignment.grounds.video[row], member),
        "faces": int(held.sum()),
        "place_and_clothes": int((~held).sum()),
    }


def _log_odds(evidence: NDArray[np.float64], member: int) -> float | None:
    known = member != NOBODY and evidence[member] != 0
    return round(float(evidence[member]), 2) if known else None
