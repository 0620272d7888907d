"""The doubts about a solution, greatest first."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from closeup.fancam.assign import NOBODY
from closeup.fancam.camera.stretches import runs, shots
from closeup.fancam.conflicts import seen_span
from closeup.fancam.reporting.doubt import (
    Doubt,
    IdentityAlternative,
    alternatives,
    crop_fix,
    name_fixes,
)
from closeup.fancam.solution import Solution
from closeup.geometry import heights_of
from closeup.identity.gallery import Gallery
from closeup.tracks import PositionSource, Tracklet

_ALIKE, _NOWHERE, _ODD_PHOTO, _ONE_PHOTO, _CARRIED = 1.0, 0.9, 0.6, 0.5, 0.5
"""Doubt of each kind; for stretches without a visible face it is the upper limit."""

_LONG_UNSEEN = 2.0
"""Seconds without a visible face after which a position may have drifted."""

SURE = 0.95
"""Confidence from which a choice needs no check."""

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
        *doubtful_tracklets(solution, edges),
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
    for trajectory, photos in zip(solution.trajectories, gallery.photos, strict=True):
        name = trajectory.name
        if not trajectory.present.any():
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


def doubtful_tracklets(solution: Solution, edges: NDArray[np.float64]) -> Iterator[Doubt]:
    """Doubts about the choices for tracklets, in their order; corrected tracklets are left out.

    Args:
        solution: Identities and trajectories.
        edges: (n + 1,) starts of the n frames and end of the last one, in seconds.

    """
    large = _LARGE * _usual_height(solution)
    for tracklet, choice in zip(solution.tracklets, alternatives(solution.assignment), strict=True):
        if choice.corrected or choice.confidence >= SURE:
            continue
        start, end = float(edges[tracklet.start]), float(edges[tracklet.stop])
        if choice.member == NOBODY and not _matters(tracklet, choice, end - start, large):
            continue
        names = tuple(solution.names[m] for m in _candidates(solution, tracklet, choice))
        clear = choice.member != NOBODY or choice.odds < 1 or _clear(tracklet)
        weight = 1.0 if clear else _UNCLEAR
        yield Doubt(
            start,
            end,
            weight * choice.doubt * (1 - math.exp((start - end) / _NOTICED)),
            _why(solution, tracklet, choice),
            tracklet.id,
            names if clear else (),
            name_fixes(tracklet.id, names),
        )


def _matters(tracklet: Tracklet, choice: IdentityAlternative, seconds: float, large: float) -> bool:
    """Whether a tracklet without a member may show a member."""
    if choice.odds < 1:
        return seconds >= _BRIEF
    long = _LONG if _clear(tracklet) else _LONG_UNCLEAR
    return seconds >= long and _face_height(tracklet) >= large


def _candidates(solution: Solution, tracklet: Tracklet, choice: IdentityAlternative) -> list[int]:
    """The members that the tracklet may show, likeliest first, and the chosen one."""
    evidence = solution.assignment.evidence[tracklet.id]
    possible = evidence >= evidence.max() - _POSSIBLE
    return [int(m) for m in np.argsort(-evidence) if possible[m] or m == choice.member]


def _why(solution: Solution, tracklet: Tracklet, choice: IdentityAlternative) -> str:
    second = "somebody else" if choice.runner_up == NOBODY else solution.names[choice.runner_up]
    if choice.odds < 1:
        where = _elsewhere(solution, tracklet, choice.runner_up)
        given = "nobody" if choice.member == NOBODY else solution.names[choice.member]
        return f"Looks like {second} ({_ratio(1 / choice.odds)}), but was given to {given}{where}."
    if choice.member != NOBODY:
        first = solution.names[choice.member]
        return f"Probably {first}, but it could be {second} ({_ratio(choice.odds)})."
    if _clear(tracklet):
        return f"Given to nobody, but it could be {second} ({_ratio(choice.odds)} against)."
    return "Given to nobody: the face was never clear enough to tell who it is."


def _elsewhere(solution: Solution, tracklet: Tracklet, member: int) -> str:
    """A clause that names the tracklet that shows ``member`` at the time of ``tracklet``."""
    first, last = seen_span(tracklet)
    for other, owner in zip(solution.tracklets, solution.assignment.members, strict=True):
        start, end = seen_span(other)
        if owner == member and start <= last and end >= first:
            return f" because tracklet {other.id} shows {solution.names[member]} at the same time"
    return ""


def _clear(tracklet: Tracklet) -> bool:
    return bool(tracklet.weights.sum() >= _CLEAR)


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


def _ratio(odds: float) -> str:
    """Odds in words: ``3 to 1``."""
    if odds >= 1000:
        return "more than 1000 to 1"
    return f"{odds:.0f} to 1" if odds >= 10 else f"{odds:.1f} to 1".replace(".0 ", " ")
