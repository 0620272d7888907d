"""The doubts about a solution, greatest first."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from closeup.fancam.assign import NOBODY
from closeup.fancam.camera.stretches import runs, shots
from closeup.fancam.reporting.doubt import Doubt, crop_fix, name_fixes, odds_in_words
from closeup.fancam.reporting.persons import SURE, PersonSummary, elsewhere, summaries
from closeup.fancam.solution import Solution
from closeup.geometry import heights_of
from closeup.identity.gallery import Gallery
from closeup.tracks import PositionSource, Tracklet

_ALIKE, _NOWHERE, _ODD_PHOTO, _ONE_PHOTO, _CARRIED = 1.0, 0.9, 0.6, 0.5, 0.5
"""Doubt of each kind; for stretches without a visible face it is the upper limit."""

_LONG_UNSEEN = 2.0
"""Seconds without a visible face after which a position may have drifted."""

_NOTICED = 1.0
"""Seconds; shorter doubts are hardly noticed, and come later in the list."""

_BRIEF = 0.5
"""Seconds; a shorter tracklet without a member is no loss."""

_LONG, _LONG_UNCLEAR = 1.0, 2.0
"""Seconds from which a tracklet without a member is reported: for clear faces, and for others."""

_CLEAR = 1.0
"""Total weight of embeddings by which a member is usually recognised."""

_UNCLEAR = 0.3
"""Factor of doubts about faces that were never clear: most of them show no member."""

_POSSIBLE = 3.0
"""Log odds by which a candidate may be less likely than the likeliest one: e³ is 20 to 1."""

_LARGE = 0.5
"""Face height, in median heights of members' faces, below which a face is taken for audience."""


def find_doubts(
    solution: Solution,
    gallery: Gallery,
    rejected: Mapping[str, int],
    edges: NDArray[np.float64],
) -> list[Doubt]:
    """All doubts about members, tracklets and places, the greatest first.

    Args:
        solution: Identities and trajectories.
        gallery: The members that it was solved for.
        rejected: Member's name → number of photos that were left out.
        edges: (n + 1,) starts of the n frames and end of the last one, in seconds.

    """
    found = [
        *_members(solution, gallery, rejected, float(edges[-1])),
        *doubtful_persons(solution, edges),
        *_carried(solution, edges),
    ]
    return sorted(found, key=lambda doubt: -doubt.doubt)


def _members(
    solution: Solution, gallery: Gallery, rejected: Mapping[str, int], end: float
) -> Iterator[Doubt]:
    for a, b in gallery.same_people():
        why = f"{a} and {b} look like the same person; check their photos."
        yield Doubt(0, end, _ALIKE, why, members=(a, b))
    for odd in gallery.odd:
        why = f"{odd.photo.name} does not look like the other photos of {odd.member}; check it."
        yield Doubt(0, end, _ODD_PHOTO, why, members=(odd.member,))
    withheld = {solution.names[member] for member in set(solution.assignment.withheld) - {NOBODY}}
    for trajectory, photos in zip(solution.trajectories, gallery.photos, strict=True):
        name = trajectory.name
        if not trajectory.present.any() and name not in withheld:
            why = f"{name} was found nowhere in the video; check the photos."
            yield Doubt(0, end, _NOWHERE, why, members=(name,))
        if photos == 1 and rejected.get(name):
            why = f"All photos of {name} but one were left out; add sharp ones of this face alone."
            yield Doubt(0, end, _ONE_PHOTO, why, members=(name,))


def _carried(solution: Solution, edges: NDArray[np.float64]) -> Iterator[Doubt]:
    """Long stretches in which a member is known only by flow, clothes or interpolation."""
    for trajectory, path in zip(solution.trajectories, solution.paths, strict=True):
        name, boxes = trajectory.name, path.boxes()
        unseen = trajectory.present & (trajectory.sources != PositionSource.DETECTED)
        for shot in shots(len(trajectory), solution.cuts):
            for run in runs(unseen, shot):
                start, end = float(edges[run.start]), float(edges[run.stop])
                if end - start < _LONG_UNSEEN:
                    continue
                middle = (run.start + run.stop) // 2
                tracklet = int(trajectory.tracklets[middle])
                yield Doubt(
                    start,
                    end,
                    _CARRIED * (1 - math.exp((start - end) / (2 * _LONG_UNSEEN))),
                    f"{name} is followed for {end - start:.1f} s without a face in sight; "
                    "the crop may have drifted.",
                    None if tracklet < 0 else tracklet,
                    (name,),
                    (crop_fix(name, start, end, boxes[middle], solution.size),),
                )


def doubtful_persons(solution: Solution, edges: NDArray[np.float64]) -> Iterator[Doubt]:
    """Doubts about who persons are, and whether tracklets belong to them, in their order.

    Corrected ones are left out, and so are doubts that no correction could end: those about a
    member who surely is somebody else at that time.

    Args:
        solution: Identities and trajectories.
        edges: (n + 1,) starts of the n frames and end of the last one, in seconds.

    """
    large = _LARGE * _usual_height(solution)
    for own in summaries(solution, edges):
        if own.choice.corrected:
            continue
        if _uncertainty(solution, own) <= 1 - SURE:
            yield from _doubtful_tracklets(solution, own)
        elif own.choice.member != NOBODY or _matters(own, large):
            yield from _doubtful_person(solution, own)


def _doubtful_person(solution: Solution, own: PersonSummary) -> Iterator[Doubt]:
    """The doubt about a person's identity; none if it could only be what it is."""
    choice, candidates = own.choice, _candidates(solution, own)
    other = [m for m in candidates if m != choice.member and m not in own.elsewhere]
    if not other and choice.member == NOBODY:
        return
    clear = choice.member != NOBODY or choice.odds < 1 or _clear(own)
    start, end = own.spans[0][0], own.spans[-1][1]
    yield Doubt(
        start,
        end,
        (1.0 if clear else _UNCLEAR) * _uncertainty(solution, own) * _noticed(own.seconds),
        _why(solution, own),
        own.person.id,
        tuple(solution.names[m] for m in candidates) if clear else (),
        name_fixes("persons", own.person.id, _or_nobody(solution, other)),
        person=own.person.id,
    )


def _uncertainty(solution: Solution, own: PersonSummary) -> float:
    """Probability that a person is another one, by the confidence or by the closest rival member.

    Members who surely are somebody else at that time are no rivals.
    """
    member = own.choice.member
    if member == NOBODY:
        return own.choice.doubt
    evidence = solution.assignment.evidence[own.person.id]
    rivals = [m for m in range(len(evidence)) if m != member and m not in own.elsewhere]
    closest = float(evidence[rivals].max(initial=-np.inf)) - float(evidence[member])
    return max(own.choice.doubt, 1 / (1 + math.exp(-min(closest, 0))))


def _doubtful_tracklets(solution: Solution, own: PersonSummary) -> Iterator[Doubt]:
    """Doubts whether single tracklets show a person who is surely a member."""
    member, edges = own.choice.member, own.edges
    if member == NOBODY:
        return
    name = solution.names[member]
    for tracklet in own.tracklets:
        doubt = 1 - float(solution.assignment.confidence[tracklet.id])
        if doubt <= 1 - SURE:
            continue
        hidden = solution.assignment.withheld[tracklet.id] != NOBODY
        away = elsewhere(solution.assignment, [tracklet.id])
        free = [m for m in range(len(solution.names)) if m not in away]
        other = free if hidden else [m for m in free if m != member]
        start, end = float(edges[tracklet.start]), float(edges[tracklet.stop])
        yield Doubt(
            start,
            end,
            doubt * _noticed(end - start),
            f"Probably {name}, as the other tracklets of person {own.person.id}, but "
            f"{'not certain enough to be shown' if hidden else 'it could be somebody else'}.",
            tracklet.id,
            (name,),
            name_fixes("tracklets", tracklet.id, _or_nobody(solution, other)),
        )


def _or_nobody(solution: Solution, members: Sequence[int]) -> list[str | None]:
    return [*(solution.names[member] for member in members), None]


def _noticed(seconds: float) -> float:
    """Share, in 0..1, to which an error of this length is noticed."""
    return 1 - math.exp(-seconds / _NOTICED)


def _matters(own: PersonSummary, large: float) -> bool:
    """Whether a person without a member may be a member."""
    if own.choice.odds < 1:
        return own.seconds >= _BRIEF
    long = _LONG if _clear(own) else _LONG_UNCLEAR
    return own.seconds >= long and own.height >= large


def _candidates(solution: Solution, own: PersonSummary) -> list[int]:
    """The members that a person may be, likeliest first, and the chosen one.

    They are compared with the likeliest one who is not somebody else at that time.
    """
    evidence = solution.assignment.evidence[own.person.id]
    free = [m for m in range(len(evidence)) if m not in own.elsewhere]
    possible = evidence >= evidence[free].max(initial=-np.inf) - _POSSIBLE
    return [int(m) for m in np.argsort(-evidence) if possible[m] or m == own.choice.member]


def _why(solution: Solution, own: PersonSummary) -> str:
    choice, (rival, odds) = own.choice, _rival(solution, own)
    second = "somebody else" if rival == NOBODY else solution.names[rival]
    if own.withheld != NOBODY:
        probable = solution.names[own.withheld]
        return f"Probably {probable}, but not certain enough to be shown."
    if odds < 1:
        where = _elsewhere(solution, own, rival)
        given = "nobody" if choice.member == NOBODY else solution.names[choice.member]
        return f"Looks like {second} ({odds_in_words(1 / odds)}), but was given to {given}{where}."
    if choice.member != NOBODY:
        first = solution.names[choice.member]
        return f"Probably {first}, but it could be {second} ({odds_in_words(odds)})."
    if _clear(own):
        return f"Given to nobody, but it could be {second} ({odds_in_words(odds)} against)."
    return "Given to nobody: the face was never clear enough to tell who it is."


def _rival(solution: Solution, own: PersonSummary) -> tuple[int, float]:
    """The identity that the chosen one is compared with, and the odds against it.

    It is the runner-up; if that one surely is somebody else at that time and less likely than the
    choice, the next one.
    """
    choice = own.choice
    free = [m for m in _candidates(solution, own) if m != choice.member and m not in own.elsewhere]
    if choice.runner_up not in own.elsewhere or choice.odds < 1 or not free:
        return choice.runner_up, choice.odds
    evidence = solution.assignment.evidence[own.person.id]
    chosen = 0.0 if choice.member == NOBODY else float(evidence[choice.member])
    return free[0], math.exp(chosen - float(evidence[free[0]]))


def _elsewhere(solution: Solution, own: PersonSummary, member: int) -> str:
    """A clause that names who is, or may be, ``member`` at the time of a person."""
    if member == NOBODY:
        return ""
    assignment, name = solution.assignment, solution.names[member]
    others = assignment.conflicts[list(own.person.tracklets)].any(axis=0)
    shown = np.flatnonzero(others & (assignment.members == member))
    if len(shown):
        return f" because tracklet {shown[0]} shows {name} at the same time"
    equal = np.flatnonzero(others & (assignment.withheld == member))
    if len(equal):
        rival = assignment.persons[assignment.owners[equal[0]]].id
        return f" because person {rival} looks like {name}, too, at the same time"
    return ""


def _clear(own: PersonSummary) -> bool:
    return own.weight >= _CLEAR


def _usual_height(solution: Solution) -> float:
    """Median height of the members' faces in pixels; 0 if no member was found."""
    heights = [
        _face_height(tracklet)
        for tracklet, member in zip(solution.tracklets, solution.assignment.members, strict=True)
        if member != NOBODY
    ]
    return float(np.median(heights)) if heights else 0.0


def _face_height(tracklet: Tracklet) -> float:
    return float(np.median(heights_of(tracklet.boxes)))
