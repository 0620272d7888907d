"""One picture of each tracklet: the face that is worth most."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from closeup.tracks import Tracklet


class TrackletPortrait(NamedTuple):
    """A face of a tracklet: how much it counts for knowing who it is, and a JPEG file."""

    weight: float
    jpeg: bytes


def best_portraits(
    portraits: Iterable[tuple[int, int, float, bytes]], tracklets: Iterable[Tracklet]
) -> dict[int, TrackletPortrait]:
    """The weightiest portrait of each tracklet, by its id; none where no face was embedded.

    Args:
        portraits: Frame, head, weight and JPEG of each embedded face; read once, and only
            the best ones are kept.
        tracklets: Those that a portrait is wanted of.

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
