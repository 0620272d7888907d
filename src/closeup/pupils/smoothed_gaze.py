"""The gaze of the faces of a video, smoothed from frame to frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.geometry import Boxes
from closeup.pupils.one_euro import OneEuroFilter
from closeup.tracking.association import associate

LEAST_CUTOFF, SPEED_CUTOFF = 0.7, 1.0
"""In hertz, and hertz for a gaze of 1 a second: five times calmer than without on a still webcam
face of 20 frames a second, while a glance of 0.5 is there to nine tenths in its fourth frame
(``benchmarks/gaze.py``)."""

_MEMORY = 0.5
"""Seconds without a gaze, or without the face, after which the next value stands for itself: a
blink takes up to 0.4."""


@dataclass(slots=True, eq=False)
class _GazeTrack:
    box: NDArray[np.float32]
    seen: float
    filter: OneEuroFilter
    known: float = -np.inf
    """When its gaze was last known."""

    def steadied(self, gaze: NDArray[np.floating], seconds: float) -> NDArray[np.float64]:
        if not np.isfinite(gaze).all():
            return np.full(2, np.nan)
        if seconds - self.known > _MEMORY:
            self.filter = _filter()
        self.known = seconds
        return self.filter.filtered(gaze, seconds)


class SteadiedGaze:
    """Follows faces through the frames of one video and smooths what each one's eyes do.

    A face goes on as the one of the frame before whose box it overlaps most. Where it has no
    gaze, as in a blink, it gets none, and what comes within half a second is smoothed together
    with what was before. After longer, and for a face that overlaps none, smoothing begins
    anew. What it remembers is a few numbers for each face of the last half second.
    """

    def __init__(self) -> None:
        self._heads: list[_GazeTrack] = []
        self._now = -np.inf

    def step(self, boxes: Boxes, gaze: NDArray[np.floating], seconds: float) -> NDArray[np.float64]:
        """The gaze (n, 2) of one frame's faces, smoothed; NaN where it was.

        Args:
            boxes: (n, 4) of the faces.
            gaze: (n, 2), NaN where it is not known.
            seconds: When the frame is shown. Time that does not grow begins all anew.

        """
        if seconds <= self._now:
            self._heads = []
        self._now = seconds
        known = [head for head in self._heads if seconds - head.seen <= _MEMORY]
        heads = [_GazeTrack(box, seconds, _filter()) for box in boxes]
        for old, new in _pairs(known, boxes):
            heads[new] = known[old]
            heads[new].box, heads[new].seen = boxes[new], seconds
        smooth = [head.steadied(own, seconds) for head, own in zip(heads, gaze, strict=True)]
        self._heads = heads + [head for head in known if head.seen < seconds]
        return np.array(smooth, np.float64).reshape(-1, 2)


def _pairs(heads: list[_GazeTrack], boxes: Boxes) -> list[tuple[int, int]]:
    before = np.array([head.box for head in heads], np.float32).reshape(-1, 4)
    alike = np.ones((len(before), len(boxes)), np.float32)
    return associate(before, boxes, alike, np.zeros(len(before), np.float32))


def _filter() -> OneEuroFilter:
    return OneEuroFilter(LEAST_CUTOFF, SPEED_CUTOFF)
