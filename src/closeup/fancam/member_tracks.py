"""Trajectories of the members, from the tracklets that show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from closeup.fancam.conflicts import seen_span
from closeup.fancam.identity_assignment import IdentityAssignment, Timeline
from closeup.geometry import centres_of, heights_of, iou
from closeup.tracks import Tracklet, Trajectory

_SAME_PLACE = 0.3
"""IoU with another person's seen face above which a carried head is occluded or wrong."""
_SLACK, _SPEED = 2.0, 6.0
"""Head heights by which a head may be elsewhere than where flow left it: at once, and for each
second in between."""
_TRUSTED = 1.0
"""Seconds for which flow and clothes are trusted even if they do not lead to the next face: of the
positions carried for longer that do not, none was right in composed scenes."""

_Seen = Mapping[int, Sequence[tuple[int, NDArray[np.float32]]]]


def trajectories(
    names: Sequence[str],
    tracklets: Sequence[Tracklet],
    assignment: IdentityAssignment,
    timeline: Timeline,
) -> list[Trajectory]:
    """One trajectory a member, from all tracklets that show the member.

    The carried ends of a tracklet stop where the member's face is seen elsewhere, where they
    overlap another person's face, and soon after the last face if they do not lead to where the
    member's face is found next: they have drifted to another person or to the background.

    Args:
        names: Names of the members.
        tracklets: Tracklets of the whole video.
        assignment: Identity assignment of the tracklets.
        timeline: Times and shots of the video.

    """
    seen = _seen_faces(tracklets)
    shots = timeline.shots_of(tracklets)
    found = []
    for member, name in enumerate(names):
        own = [t for t, m in zip(tracklets, assignment.members, strict=True) if m == member]
        own.sort(key=seen_span)
        rows = [_free_rows(tracklet, own, seen) for tracklet in own]
        for before, after in pairwise(range(len(own))):
            if shots[own[before].id] == shots[own[after].id]:
                _meet(own[before], own[after], rows[before], rows[after], timeline.seconds)
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


def _free_rows(tracklet: Tracklet, own: Sequence[Tracklet], seen: _Seen) -> NDArray[np.bool_]:
    """Rows of a tracklet without those that contradict faces of the member or of others."""
    first, last = seen_span(tracklet)
    spans = [seen_span(other) for other in own if other is not tracklet]
    earlier = max((end for _, end in spans if end < first), default=-1)
    later = min((start for start, _ in spans if start > last), default=tracklet.stop)
    kept = (tracklet.frames > earlier) & (tracklet.frames < later)
    blocked = _blocked(tracklet, seen)
    inside = np.flatnonzero(_inside_span(tracklet))
    low = np.flatnonzero(blocked[: inside[0]])
    high = np.flatnonzero(blocked[inside[-1] :])
    kept[: low[-1] + 1 if len(low) else 0] = False
    kept[inside[-1] + high[0] if len(high) else len(kept) :] = False
    return np.asarray(kept)


def _blocked(tracklet: Tracklet, seen: _Seen) -> NDArray[np.bool_]:
    """Which carried rows overlap another person's face."""
    blocked = np.zeros(len(tracklet), bool)
    for row in np.flatnonzero(~_inside_span(tracklet)):
        frame = int(tracklet.frames[row])
        others = [box for owner, box in seen.get(frame, ()) if owner != tracklet.id]
        if others:
            blocked[row] = iou(tracklet.boxes[row][None], np.array(others)).max() > _SAME_PLACE
    return blocked


def _meet(
    before: Tracklet,
    after: Tracklet,
    kept_before: NDArray[np.bool_],
    kept_after: NDArray[np.bool_],
    seconds: NDArray[np.float64],
) -> None:
    """Drop long carried rows between two tracklets of a member that do not lead to each other.

    First the end of the earlier one is compared with the start of the later one; then, from the
    last face seen, the start of the later one.
    """
    for kept, tracklet in ((kept_before, before), (kept_after, after)):
        ends, starts = np.flatnonzero(kept_before), np.flatnonzero(kept_after)
        if not len(ends) or not len(starts):
            return
        if _reachable(before, ends[-1], after, starts[0], seconds):
            return
        first, last = seconds[list(seen_span(tracklet))]
        times = seconds[tracklet.frames]
        kept &= (times >= first - _TRUSTED) & (times <= last + _TRUSTED)


def _reachable(
    before: Tracklet, end: int, after: Tracklet, start: int, seconds: NDArray[np.float64]
) -> bool:
    a, b = before.boxes[end], after.boxes[start]
    gap = seconds[after.frames[start]] - seconds[before.frames[end]]
    height = float(max(heights_of(a), heights_of(b)))
    moved = float(np.linalg.norm(centres_of(b) - centres_of(a)))
    return moved <= height * (_SLACK + _SPEED * max(float(gap), 0.0))


def _inside_span(tracklet: Tracklet) -> NDArray[np.bool_]:
    first, last = seen_span(tracklet)
    return np.asarray((tracklet.frames >= first) & (tracklet.frames <= last))


def _seen_faces(
    tracklets: Sequence[Tracklet],
) -> dict[int, list[tuple[int, NDArray[np.float32]]]]:
    """Frame → tracklet id and box of each face, between its first and last detection."""
    seen: dict[int, list[tuple[int, NDArray[np.float32]]]] = {}
    for tracklet in tracklets:
        inside = _inside_span(tracklet)
        for frame, box in zip(tracklet.frames[inside], tracklet.boxes[inside], strict=True):
            seen.setdefault(int(frame), []).append((tracklet.id, box))
    return seen
