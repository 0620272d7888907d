"""The faces that a member's videos must not show: all but the member's own.

Every tracklet counts, also those of nobody. A face is concealed from a second before its tracklet
begins until a second after it ends, but not beyond a cut, and through gaps between
tracklets of one head. The member's own face stays visible only where its position was seen and the
name is certain.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from closeup.drawing.concealing import conceal, grown, uncut
from closeup.geometry import Box, Boxes, Size, centres_of, sides_of
from closeup.media.planes import Planes
from closeup.tracks import PositionSource, Tracklet, Trajectory

CERTAIN = 0.95
"""Confidence of a position from which it is certainly the member's."""
HELD = 1.0
"""Seconds for which a face stays concealed before and after its tracklet: longer than in effects,
since the analysis searches a few frames a second only."""
_ROUNDING = 1e-6
_GAP = 3.0
"""Longest gap between two tracklets of one head that is filled, in seconds."""
_SAME = 0.35
"""Distance of two centres, in sides of the larger box, up to which both show one face."""


class _Span(NamedTuple):
    """A head in consecutive frames.

    Attributes:
        frames: (n,) int64.
        boxes: (n, 4) float32; boxes of frames in which it was not seen are larger.
        seen: (n,) bool, whether the tracklet has a position in the frame.
        own: (n,) bool, whether the nearest position is certainly the member's.

    """

    frames: NDArray[np.int64]
    boxes: Boxes
    seen: NDArray[np.bool_]
    own: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class OtherFaces:
    """The faces to conceal in every frame.

    Attributes:
        boxes: (k, 4) float32, xyxy in source pixels, frame after frame.
        starts: (frames + 1,) int64, row at which each frame begins.

    """

    boxes: Boxes
    starts: NDArray[np.int64]

    def at(self, frame: int) -> Boxes:
        """The boxes (k, 4) of a frame."""
        return self.boxes[self.starts[frame] : self.starts[frame + 1]]

    def conceal(self, frame: int, window: Box, canvas: Planes) -> None:
        """Conceal the faces of a frame on a canvas that shows ``window`` of it.

        Args:
            frame: Number of the frame.
            window: Edges in source pixels, whose centres are at integers.
            canvas: The planes, which are changed.

        """
        scale = np.divide(canvas.size, (window.width, window.height))
        corner = np.tile((window.x1, window.y1), 2)
        for box in (self.at(frame) - corner) * np.tile(scale, 2) - 0.5:
            conceal(canvas.y, box, smooth=True)
            # A chroma sample lies on an even column and between two rows.
            chroma = (box - (0, 0.5, 0, 0.5)) / 2
            conceal(canvas.u, chroma, smooth=True)
            conceal(canvas.v, chroma, smooth=True)


def other_faces(
    tracklets: Sequence[Tracklet],
    own: Sequence[Trajectory],
    seconds: NDArray[np.float64],
    cuts: Sequence[int],
    size: Size,
) -> OtherFaces:
    """Find the faces to conceal in a video that may show some members.

    Args:
        tracklets: All tracklets of the video.
        own: Trajectories of the members who may be shown; one in a close-up.
        seconds: (n,) time of each frame.
        cuts: Index of the first frame of every shot but the first.
        size: Size of the video's frames in pixels.

    """
    spans = [_span(tracklet, own, seconds, cuts) for tracklet in tracklets]
    spans += list(_gaps(tracklets, own, seconds, cuts))
    known = _own_positions(own, len(seconds))
    frames, boxes = [np.empty(0, np.int64)], [np.empty((0, 4), np.float32)]
    for span in spans:
        concealed = ~span.own & (span.seen | ~_on(span.boxes, known[:, span.frames]))
        frames.append(span.frames[concealed])
        boxes.append(span.boxes[concealed])
    order = np.argsort(np.concatenate(frames), kind="stable")
    starts = np.searchsorted(np.concatenate(frames)[order], np.arange(len(seconds) + 1))
    return OtherFaces(uncut(np.concatenate(boxes)[order], size), starts)


def _span(
    tracklet: Tracklet,
    own: Sequence[Trajectory],
    seconds: NDArray[np.float64],
    cuts: Sequence[int],
) -> _Span:
    """A tracklet with the time before and after it, as far as its shot reaches."""
    edges = np.array([0, *cuts, len(seconds)])
    shot = int(np.searchsorted(edges, tracklet.start, side="right"))
    moments = seconds[[tracklet.start, tracklet.stop - 1]] + (-HELD - _ROUNDING, HELD + _ROUNDING)
    first = max(int(np.searchsorted(seconds, moments[0])), int(edges[shot - 1]))
    last = min(int(np.searchsorted(seconds, moments[1], side="right")), int(edges[shot]))
    return _between(_positions(tracklet, own), np.arange(first, last), seconds)


def _gaps(
    tracklets: Sequence[Tracklet],
    own: Sequence[Trajectory],
    seconds: NDArray[np.float64],
    cuts: Sequence[int],
) -> Iterator[_Span]:
    """The gaps between tracklets of one head inside a shot."""
    ordered = sorted(tracklets, key=lambda tracklet: (tracklet.head, tracklet.start))
    for before, after in pairwise(ordered):
        gap = seconds[after.start] - seconds[before.stop - 1]
        same = before.head == after.head and before.stop < after.start and gap <= _GAP
        if same and not any(before.stop <= cut <= after.start for cut in cuts):
            first, second = _positions(before, own), _positions(after, own)
            joined = _Positions(
                np.concatenate([first.frames, second.frames]),
                np.concatenate([first.boxes, second.boxes]),
                np.concatenate([first.own, second.own]),
            )
            yield _between(joined, np.arange(before.stop, after.start), seconds)


class _Positions(NamedTuple):
    """Positions of one head: (n,) frames, (n, 4) boxes, and whether each is the member's (n,)."""

    frames: NDArray[np.int64]
    boxes: Boxes
    own: NDArray[np.bool_]


def _positions(tracklet: Tracklet, own: Sequence[Trajectory]) -> _Positions:
    """The positions of a tracklet."""
    certain = np.zeros(len(tracklet), bool)
    for trajectory in own:
        is_its = trajectory.tracklets[tracklet.frames] == tracklet.id
        certain |= is_its & _certain(trajectory)[tracklet.frames]
    return _Positions(tracklet.frames, tracklet.boxes, certain)


def _between(known: _Positions, frames: NDArray[np.int64], seconds: NDArray[np.float64]) -> _Span:
    """The head in some frames, between and beyond its positions."""
    times, now = seconds[known.frames], seconds[frames]
    later = np.clip(np.searchsorted(times, now), 1, max(1, len(times) - 1))
    earlier = np.minimum(later - 1, len(times) - 1)
    later = np.minimum(later, len(times) - 1)
    nearest = np.where(now - times[earlier] <= times[later] - now, earlier, later)
    boxes = np.stack([np.interp(now, times, edge) for edge in known.boxes.T], axis=1)
    away = np.abs(now - times[nearest])
    grown_boxes = grown(boxes.astype(np.float32), away)
    return _Span(frames, grown_boxes, away == 0, known.own[nearest])


def _certain(trajectory: Trajectory) -> NDArray[np.bool_]:
    seen = trajectory.sources >= PositionSource.TRACKED
    return np.asarray(seen & (trajectory.confidence >= CERTAIN))


def _own_positions(own: Sequence[Trajectory], count: int) -> NDArray[np.float32]:
    """The certain boxes (members, n, 4) of the members who may be shown, else NaN."""
    boxes = [np.where(_certain(one)[:, None], one.boxes, np.float32(np.nan)) for one in own]
    return np.array(boxes, np.float32).reshape(len(own), count, 4)


def _on(boxes: Boxes, known: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which boxes (n, 4) show a face whose position (members, n, 4) is known; (n,)."""
    side = np.fmax(sides_of(boxes), sides_of(known))
    away = np.abs(centres_of(boxes) - centres_of(known)) / side
    return np.asarray((away.max(axis=-1) <= _SAME).any(axis=0))
