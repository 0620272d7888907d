"""The gaze of the faces of a video, smoothed from frame to frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.geometry import Boxes
from closeup.pupils.one_euro import OneEuroFilter
from closeup.tracking.association import associate

LEAST_CUTOFF, SPEED_CUTOFF = 0.7, 1.0
"""In hertz, and hertz per gaze of 1 per second: the filter reduces the noise on a still webcam face
at 20 frames per second to a fifth, while a change of the gaze of 0.5 reaches nine tenths in its
fourth frame (``benchmarks/gaze.py``)."""

_MEMORY = 0.5
"""Seconds without a gaze, or without the face, after which the filter is reset: a blink takes up to
0.4."""


@dataclass(slots=True, eq=False)
class _GazeTrack:
    box: NDArray[np.float32]
    seen: float
    filter: OneEuroFilter
    known: float = -np.inf
    """Time of its last known gaze, in seconds."""

    def smoothed(self, gaze: NDArray[np.floating], seconds: float) -> NDArray[np.float64]:
        if not np.isfinite(gaze).all():
            return np.full(2, np.nan)
        if seconds - self.known > _MEMORY:
            self.filter = _filter()
        self.known = seconds
        return self.filter.filtered(gaze, seconds)


class SmoothedGaze:
    """Tracks faces through the frames of one video and smooths the gaze of each.

    A face is assigned to the earlier face whose box it overlaps most. A face without a gaze, as
    in a blink, stays without; a gaze that returns within half a second is smoothed together
    with the earlier ones. After a longer gap, and for a face without an overlap, the filter
    starts anew. The memory is a few numbers for each face of the last half second.
    """

    def __init__(self) -> None:
        self._heads: list[_GazeTrack] = []
        self._now = -np.inf

    def step(self, boxes: Boxes, gaze: NDArray[np.floating], seconds: float) -> NDArray[np.float64]:
        """The smoothed gaze (n, 2) of the faces of one frame; NaN where ``gaze`` is NaN.

        Args:
            boxes: (n, 4) boxes of the faces, xyxy in pixels.
            gaze: (n, 2) as of :func:`closeup.pupils.gaze.gaze`; NaN where unknown.
            seconds: Time of the frame. A time that is not later resets all faces.

        """
        if seconds <= self._now:
            self._heads = []
        self._now = seconds
        known = [head for head in self._heads if seconds - head.seen <= _MEMORY]
        heads = [_GazeTrack(box, seconds, _filter()) for box in boxes]
        for old, new in _pairs(known, boxes):
            heads[new] = known[old]
            heads[new].box, heads[new].seen = boxes[new], seconds
        smooth = [head.smoothed(own, seconds) for head, own in zip(heads, gaze, strict=True)]
        self._heads = heads + [head for head in known if head.seen < seconds]
        return np.array(smooth, np.float64).reshape(-1, 2)


def _pairs(heads: list[_GazeTrack], boxes: Boxes) -> list[tuple[int, int]]:
    before = np.array([head.box for head in heads], np.float32).reshape(-1, 4)
    alike = np.ones((len(before), len(boxes)), np.float32)
    return associate(before, boxes, alike, np.zeros(len(before), np.float32))


def _filter() -> OneEuroFilter:
    return OneEuroFilter(LEAST_CUTOFF, SPEED_CUTOFF)
