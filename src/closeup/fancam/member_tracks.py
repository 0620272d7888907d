"""Trajectories of the members, from the tracklets that show them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from closeup.fancam.conflicts import seen_span
from closeup.fancam.identity_assignment import IdentityAssignment, Timeline
from closeup.fancam.visibility import SeenFaces
from closeup.geometry import centres_of, heights_of
from closeup.tracks import Tracklet, Trajectory

_MET = 0.3
"""Share of a carried head under another person from which it is occluded or wrong."""
_SOON, _ARRIVED = 1.0, 0.8
"""Seconds until a face is found again, and distance, in head heights, between that place and the
one where flow left the head: the head that was carried farther off was another one. In composed
scenes 4 in 10 positions on such ends were right; of those interpolated instead, 8 in 10."""
_SLACK, _SPEED = 2.0, 6.0
"""Head heights by which a head may be elsewhere after a longer time: at once, and for each second
in between."""
_TRUSTED = 1.0
"""Seconds for which flow and clothes are trusted even if they do not lead to the next face. Of the
positions carried for longer that lead elsewhere, none was right in composed scenes; of those that
lead to no face of the shot, half."""


def trajectories(
    names: Sequence[str],
    tracklets: Sequence[Tracklet],
    assignment: IdentityAssignment,
    timeline: Timeline,
) -> list[Trajectory]:
    """One trajectory a member, from all tracklets that show the member.

    The carried ends of a tracklet stop where the member's face is seen elsewhere, where another
    person covers them, and soon after the last face if they do not lead to where the member's face
    is found next, or it is not found again in the shot: they have drifted to another person or to
    the background.

    Args:
        names: Names of the members.
        tracklets: Tracklets of the whole video.
        assignment: Identity assignment of the tracklets.
        timeline: Times and shots of the video.

    """
    seen = SeenFaces(tracklets)
    shots = timeline.shots_of(tracklets)
    found = []
    for member, name in enumerate(names):
        own = [t for t, m in zip(tracklets, assignment.members, strict=True) if m == member]
        own.sort(key=seen_span)
        others = assignment.members != member
        rows = [_free_rows(tracklet, own, seen, others) for tracklet in own]
        for i, tracklet in enumerate(own):
            if i + 1 < len(own) and shots[tracklet.id] == shots[own[i + 1].id]:
                _meet(tracklet, own[i + 1], rows[i], rows[i + 1], timeline.seconds)
            else:
                last = timeline.seconds[seen_span(tracklet)[1]]
                rows[i] &= timeline.seconds[tracklet.frames] <= last + _TRUSTED
        trajectory = Trajectory.absent(name, len(timeline.seconds))
        for tracklet, kept in zip(own, rows, strict=True):
            _show(trajectory, tracklet, kept, float(assignment.confidence[tracklet.id]))
        found.append(trajectory)
    return found


def _show(
    trajectory: Trajectory, tracklet: Tracklet, kept: NDArray[np.bool_], confidence: float
) -> None:
    """Write rows of a tracklet, where nothing better is known: a detection before a carried box."""
    better = tracklet.sources > trajectory.sources[tracklet.frames]
    rows = np.flatnonzero(kept & better)
    frames = tracklet.frames[rows]
    trajectory.boxes[frames] = tracklet.boxes[rows]
    trajectory.sources[frames] = tracklet.sources[rows]
    trajectory.tracklets[frames] = tracklet.id
    trajectory.confidence[frames] = confidence


def _free_rows(
    tracklet: Tracklet, own: Sequence[Tracklet], seen: SeenFaces, others: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Rows of a tracklet without those that contradict faces of the member or of others."""
    first, last = seen_span(tracklet)
    spans = [seen_span(other) for other in own if other is not tracklet]
    hidden = [
        int(frame)
        for frame, box in zip(tracklet.frames, tracklet.boxes, strict=True)
        if not first <= frame <= last and seen.cover(frame, box, others) > _MET
    ]
    barred = [*hidden, *(end for _, end in spans if end < first)]
    earlier = max((frame for frame in barred if frame < first), default=-1)
    barred = [*hidden, *(start for start, _ in spans if start > last)]
    later = min((frame for frame in barred if frame > last), default=tracklet.stop)
    return np.asarray((tracklet.frames > earlier) & (tracklet.frames < later))


def _meet(
    before: Tracklet,
    after: Tracklet,
    kept_before: NDArray[np.bool_],
    kept_after: NDArray[np.bool_],
    seconds: NDArray[np.float64],
) -> None:
    """Drop carried rows between two tracklets of a member that do not lead to each other.

    If the face is found again soon, the whole end of the earlier one is dropped, because what lies
    between two faces that are near in time is better interpolated. Otherwise, of long rows only
    those near the faces are kept: first the end of the earlier one is compared with the start of
    the later one; then, from the last face seen, the start of the later one.
    """
    _arrive(before, after, kept_before, kept_after, seconds)
    for kept, tracklet in ((kept_before, before), (kept_after, after)):
        ends, starts = np.flatnonzero(kept_before), np.flatnonzero(kept_after)
        if not len(ends) or not len(starts):
            return
        if _reachable(before, ends[-1], after, starts[0], seconds):
            return
        first, last = seconds[list(seen_span(tracklet))]
        times = seconds[tracklet.frames]
        kept &= (times >= first - _TRUSTED) & (times <= last + _TRUSTED)


def _arrive(
    before: Tracklet,
    after: Tracklet,
    kept_before: NDArray[np.bool_],
    kept_after: NDArray[np.bool_],
    seconds: NDArray[np.float64],
) -> None:
    """Drop the carried end of a tracklet if the face is found elsewhere soon after."""
    last, found = seen_span(before)[1], seen_span(after)[0]
    ends, starts = np.flatnonzero(kept_before), np.flatnonzero(kept_after)
    if not len(starts) or not 0 < seconds[found] - seconds[last] <= _SOON:
        return
    if _moved(before.boxes[ends[-1]], after.boxes[starts[0]]) > _ARRIVED:
        kept_before &= before.frames <= last


def _reachable(
    before: Tracklet, end: int, after: Tracklet, start: int, seconds: NDArray[np.float64]
) -> bool:
    gap = seconds[after.frames[start]] - seconds[before.frames[end]]
    moved = _moved(before.boxes[end], after.boxes[start])
    return moved <= _SLACK + _SPEED * max(float(gap), 0.0)


def _moved(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Distance between the centres of two boxes (4,), in heights of the larger one."""
    height = max(heights_of(a), heights_of(b))
    return float(np.linalg.norm(centres_of(b) - centres_of(a)) / height)
