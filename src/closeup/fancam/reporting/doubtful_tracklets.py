"""Tracklets that may show somebody else than they were taken for."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from closeup.fancam.assign import NOBODY, seen_span
from closeup.fancam.reporting.choices import IdentityAlternative, choices
from closeup.fancam.reporting.doubt import Doubt, name_fixes
from closeup.fancam.solution import Solution
from closeup.geometry import heights_of
from closeup.tracks import Tracklet

SURE = 0.95
"""Confidence from which a choice is not worth a look."""

_NOTICED = 1.0
"""Seconds; what is over sooner is hardly noticed, and comes late in the list."""

_BRIEF = 0.5
"""Seconds; what is over sooner and was given to nobody is no loss."""

_LONG, _LONG_UNCLEAR = 1.0, 2.0
"""Seconds from which it matters that nobody was chosen: for a face seen well, and for others."""

_CLEAR = 1.0
"""Total weight of embeddings by which a member would usually be known."""

_UNCLEAR = 0.3
"""Weight of a doubt that is only ignorance: most such faces are strangers' after all."""

_POSSIBLE = 3.0
"""Log odds by which a member may be less likely than the likeliest one: e³ is 20 to 1."""

_LARGE = 0.5
"""Height of a face in usual heights of the members' faces: smaller ones are an audience."""


def doubtful_tracklets(solution: Solution, edges: NDArray[np.float64]) -> Iterator[Doubt]:
    """The tracklets whose choice is worth a look, in order; what a person decided is not.

    Args:
        solution: Who is where.
        edges: (n + 1,) seconds at which the n frames begin, and the last one ends.

    """
    large = _LARGE * _usual_height(solution)
    for tracklet, choice in zip(solution.tracklets, choices(solution.cast), strict=True):
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
    """Whether a tracklet of nobody may be a loss to a member."""
    if choice.odds < 1:
        return seconds >= _BRIEF
    long = _LONG if _clear(tracklet) else _LONG_UNCLEAR
    return seconds >= long and _face_height(tracklet) >= large


def _candidates(solution: Solution, tracklet: Tracklet, choice: IdentityAlternative) -> list[int]:
    """The members whom it may show, likeliest first, and the one it was taken for."""
    evidence = solution.cast.evidence[tracklet.id]
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
    """The tracklet that shows ``member`` while ``tracklet`` is seen, as the end of a sentence."""
    first, last = seen_span(tracklet)
    for other, owner in zip(solution.tracklets, solution.cast.members, strict=True):
        start, end = seen_span(other)
        if owner == member and start <= last and end >= first:
            return f" because tracklet {other.id} shows {solution.names[member]} at the same time"
    return ""


def _clear(tracklet: Tracklet) -> bool:
    return bool(tracklet.weights.sum() >= _CLEAR)


def _usual_height(solution: Solution) -> float:
    """Median height of the members' faces in pixels, 0 when no member was found."""
    heights = [
        _face_height(tracklet)
        for tracklet, member in zip(solution.tracklets, solution.cast.members, strict=True)
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
