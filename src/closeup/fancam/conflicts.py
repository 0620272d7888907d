"""Conflicts: tracklets that show different people, because both are seen at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from closeup.geometry import centres_of, heights_of, iou
from closeup.tracks import PositionSource, Tracklet

_SAME_PLACE = 0.3
"""IoU from which two boxes lie on one head: a detector finds some heads twice."""
_APART = 0.6
"""Distance of two centres, in heights of the larger box, below which the boxes lie on one head."""
_BOTH_SEEN = 2
"""Frames with both faces detected apart that make a conflict. One frame may be an error at the end
of a tracklet: its head jumps to a neighbour before the tracker notices."""
_ENLARGED = 1.8
"""Ratio of heights from which the larger of two like faces is the picture on a screen."""
SAME_FACE = 5.0
"""Log odds from which two faces seen at once are one person's. Look-alikes reach 7 in blurred
footage, but of those none was 1.8 times as large as the other."""
_ONE_SEEN = 4
"""Frames with one face detected and the other head followed that make a conflict; followed boxes
may have drifted."""


def seen_span(tracklet: Tracklet) -> tuple[int, int]:
    """First and last frame in which the face was detected, both included.

    Rows outside this span come from flow and clothes. They may overlap the next tracklet of the
    same member, for example after the member turned round.
    """
    seen = tracklet.frames[tracklet.sources == PositionSource.DETECTED]
    return int(seen[0]), int(seen[-1])


def between_detections(tracklet: Tracklet) -> slice:
    """The rows of a tracklet from its first to its last detection."""
    seen = np.flatnonzero(tracklet.sources == PositionSource.DETECTED)
    return slice(int(seen[0]), int(seen[-1]) + 1)


def find_conflicts(tracklets: Sequence[Tracklet]) -> NDArray[np.bool_]:
    """Find the pairs of tracklets that cannot show one person.

    Two faces that are detected at different places of one picture are two people. Brief overlaps
    are tolerated, as of a carried box with the next tracklet of the same head, and so are two
    boxes on one head.

    Args:
        tracklets: n tracklets of one video.

    Returns:
        (n, n) symmetric; True where the two show different people. False on the diagonal.

    """
    count = len(tracklets)
    both, one = np.zeros((2, count, count), np.int64)
    for rows, boxes, seen in _moments(tracklets):
        apart = _apart(boxes)
        pair = np.ix_(rows, rows)
        both[pair] += apart & seen[:, None] & seen
        one[pair] += apart & (seen[:, None] ^ seen)
    detections = np.array([np.sum(t.sources == PositionSource.DETECTED) for t in tracklets])
    needed = np.minimum(_BOTH_SEEN, np.minimum(detections[:, None], detections))
    return np.asarray((both >= np.maximum(needed, 1)) | (both + one >= _ONE_SEEN))


def enlarged_copies(
    conflicts: NDArray[np.bool_], alike: NDArray[np.float64], heights: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Find the persons that are a screen's picture of another one.

    A LED wall shows the performer once more and larger. Two faces that are seen at once, are surely
    of one person and differ much in size are both of them; the smaller one is on the stage.

    Args:
        conflicts: (p, p) persons that are seen at once.
        alike: (p, p) log odds that the faces of two are of one person.
        heights: (p,) median height of each person's face.

    Returns:
        (p,) True for the larger ones.

    """
    larger = heights[:, None] > _ENLARGED * heights
    return np.asarray((conflicts & larger & (alike >= SAME_FACE)).any(axis=1))


def _moments(
    tracklets: Sequence[Tracklet],
) -> list[tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.bool_]]]:
    """Tracklets, boxes and whether they are detections, for each frame with a detection.

    Only rows between a tracklet's first and last detection count, and only frames with at least
    two of them.
    """
    if not tracklets:
        return []
    spans = [between_detections(tracklet) for tracklet in tracklets]
    rows = np.repeat(
        np.arange(len(tracklets)), [len(t.frames[s]) for t, s in zip(tracklets, spans, strict=True)]
    )
    frames = np.concatenate([t.frames[s] for t, s in zip(tracklets, spans, strict=True)])
    boxes = np.concatenate([t.boxes[s] for t, s in zip(tracklets, spans, strict=True)])
    sources = np.concatenate([t.sources[s] for t, s in zip(tracklets, spans, strict=True)])
    seen = sources == PositionSource.DETECTED
    order = np.argsort(frames, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(frames[order])) + 1)
    return [(rows[g], boxes[g], seen[g]) for g in groups if len(g) > 1 and seen[g].any()]


def _apart(boxes: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which pairs of boxes (n, 4) lie on two heads; shape (n, n)."""
    centres, heights = centres_of(boxes), heights_of(boxes)
    away = np.linalg.norm(centres[:, None] - centres, axis=2)
    far = away > _APART * np.maximum(heights[:, None], heights)
    return np.asarray(far & (iou(boxes, boxes) < _SAME_PLACE))
