"""Trajectories of the members, from the tracklets that show them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from closeup.fancam.assign import NOBODY
from closeup.fancam.conflicts import seen_span
from closeup.fancam.identity_assignment import IdentityAssignment
from closeup.geometry import iou
from closeup.tracks import Tracklet, Trajectory

_SAME_PLACE = 0.3
"""IoU with another person's seen face above which a carried head is occluded or wrong."""
def trajectories(
    names: Sequence[str],
    tracklets: Sequence[Tracklet],
    assignment: IdentityAssignment,
    frame_count: int,
) -> list[Trajectory]:
    """One trajectory a member, from all tracklets that show the member.

    The carried end of a tracklet stops where the member's face is seen elsewhere, since it has
    drifted to another person there. It also stops where it overlaps another person's face.
    """
    seen = _seen_faces(tracklets)
    out = [Trajectory.absent(name, frame_count) for name in names]
    for tracklet, member, sure in zip(
        tracklets, assignment.members, assignment.confidence, strict=True
    ):
        if member == NOBODY:
            continue
        own = [t for t, m in zip(tracklets, assignment.members, strict=True) if m == member]
        rows = _free_rows(tracklet, seen)
        rows = rows[_between_neighbours(tracklet, own, rows)]
        trajectory, frames = out[member], tracklet.frames[rows]
        trajectory.boxes[frames] = tracklet.boxes[rows]
        trajectory.sources[frames] = tracklet.sources[rows]
        trajectory.tracklets[frames] = tracklet.id
        trajectory.confidence[frames] = sure
    return out


def _between_neighbours(
    tracklet: Tracklet, own: Sequence[Tracklet], rows: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Which rows lie after the member's face was seen before and before it is seen next."""
    first, last = seen_span(tracklet)
    spans = [seen_span(other) for other in own if other is not tracklet]
    earlier = max((end for _, end in spans if end < first), default=-1)
    later = min((start for start, _ in spans if start > last), default=tracklet.stop)
    frames = tracklet.frames[rows]
    return np.asarray((frames > earlier) & (frames < later))


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


def _free_rows(
    tracklet: Tracklet, seen: dict[int, list[tuple[int, NDArray[np.float32]]]]
) -> NDArray[np.int64]:
    """Rows of a tracklet up to where its carried ends overlap another person's face."""
    inside = _inside_span(tracklet)
    blocked = np.zeros(len(tracklet), bool)
    for row in np.flatnonzero(~inside):
        others = [
            box for owner, box in seen.get(int(tracklet.frames[row]), ()) if owner != tracklet.id
        ]
        if others:
            blocked[row] = iou(tracklet.boxes[row][None], np.array(others)).max() > _SAME_PLACE
    first, last = np.flatnonzero(inside)[[0, -1]]
    low = np.flatnonzero(blocked[:first])
    high = np.flatnonzero(blocked[last:])
    start = low[-1] + 1 if len(low) else 0
    stop = last + high[0] if len(high) else len(tracklet)
    return np.arange(start, stop)
