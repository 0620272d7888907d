"""One picture of each tracklet: the face with the highest weight."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from closeup.tracks import Tracklet


class TrackletPortrait(NamedTuple):
    """A face of a tracklet: the weight of its embedding (0..1), and a JPEG file."""

    weight: float
    jpeg: bytes


def best_portraits(
    portraits: Iterable[tuple[int, int, float, bytes]], tracklets: Iterable[Tracklet]
) -> dict[int, TrackletPortrait]:
    """Tracklet id → portrait with the highest weight; tracklets without embedded faces have none.

    Args:
        portraits: Frame, head, weight and JPEG of each embedded face; iterated once, and only
            the best ones are kept in memory.
        tracklets: Tracklets whose portraits are wanted.

    """
    by_head: dict[int, list[Tracklet]] = defaultdict(list)
    for tracklet in tracklets:
        by_head[tracklet.head].append(tracklet)
    best: dict[int, TrackletPortrait] = {}
    for frame, head, weight, jpeg in portraits:
        for tracklet in by_head.get(head, ()):
            inside = tracklet.start <= frame < tracklet.stop
            if inside and (tracklet.id not in best or weight > best[tracklet.id].weight):
                best[tracklet.id] = TrackletPortrait(weight, jpeg)
    return best
