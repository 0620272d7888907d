"""Frames in which it is known for sure who is where: labels for a detector, without a hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.fancam.assign import NOBODY, seen_span
from closeup.fancam.solution import Solution
from closeup.labels import PictureLabels
from closeup.tracks import Tracklet

SURE = 0.98
"""Least confidence of a name that teaches."""
_STRANGE = -2.0
"""Most evidence (natural logarithm) for any member in somebody who is surely none of them."""
_BLOCKS = 20
"""Stretches of the chosen frames, whole ones of which are held out: neighbours are alike."""


@dataclass(frozen=True, slots=True, eq=False)
class SureFrame:
    """One frame with its labels.

    Attributes:
        frame: Its index.
        faces: Boxes around faces in the video's pixels; classes are places in the solution's
            names. Heads that may be anybody's are ignored, and of the class 0: a detector must
            not see them when it learns from the frame.
        held_out: To judge by, not to learn from.

    """

    frame: int
    faces: PictureLabels
    held_out: bool


def sure_frames(solution: Solution, most: int, held_out: float = 0.15) -> list[SureFrame]:
    """Choose frames from all over the video in which a member is surely known.

    A head between two sights of its face is labelled as well; one that is only carried, before
    the first or after the last, is doubtful, and so is whoever is neither surely a member nor
    surely none.

    Args:
        solution: Who is who.
        most: How many frames.
        held_out: Share of the frames to judge by, in whole stretches.

    """
    count = len(solution.seconds)
    heads = _Heads(solution)
    there = np.flatnonzero(heads.known(count))
    if len(there) > most:
        there = there[np.linspace(0, len(there) - 1, most).round().astype(int)]
    block = np.arange(len(there)) * _BLOCKS // max(len(there), 1)
    apart = np.isin(block, _held_out_blocks(held_out))
    return [
        heads.of(int(frame), held_out=bool(own)) for frame, own in zip(there, apart, strict=True)
    ]


def _held_out_blocks(share: float) -> NDArray[np.int64]:
    """Evenly spread, and never the first one."""
    wanted = max(1, round(share * _BLOCKS))
    return ((np.arange(wanted) + 0.5) * _BLOCKS / wanted).astype(np.int64)


class _Heads:
    """Everybody's head, frame by frame."""

    def __init__(self, solution: Solution) -> None:
        self._tracklets: Sequence[Tracklet] = solution.tracklets
        self._members = solution.cast.members
        evidence = solution.cast.evidence.max(axis=1, initial=-np.inf)
        named = (self._members != NOBODY) & (solution.cast.confidence >= SURE)
        self._known = named | ((self._members == NOBODY) & (evidence <= _STRANGE))

    def known(self, count: int) -> NDArray[np.bool_]:
        """(count,) whether some member is surely known there."""
        sure = np.zeros(count, np.bool_)
        for tracklet, member, known in self._all():
            if known and member != NOBODY:
                first, last = seen_span(tracklet)
                frames = tracklet.frames
                sure[frames[(frames >= first) & (frames <= last)]] = True
        return sure

    def _all(self) -> Iterator[tuple[Tracklet, int, bool]]:
        """Each tracklet, its member, and whether that is sure."""
        for tracklet, member, known in zip(
            self._tracklets, self._members, self._known, strict=True
        ):
            yield tracklet, int(member), bool(known)

    def of(self, frame: int, *, held_out: bool) -> SureFrame:
        """The labels of one frame."""
        members, faces, doubtful = [], [], []
        for tracklet, member, known in self._all():
            row = int(np.searchsorted(tracklet.frames, frame))
            if row == len(tracklet) or tracklet.frames[row] != frame:
                continue
            first, last = seen_span(tracklet)
            if not (known and first <= frame <= last):
                doubtful.append(tracklet.boxes[row])
            elif member != NOBODY:
                members.append(member)
                faces.append(tracklet.boxes[row])
        boxes = np.array([*faces, *doubtful], np.float32).reshape(-1, 4)
        ignored = np.arange(len(boxes)) >= len(faces)
        classes = np.array([*members, *[0] * len(doubtful)], np.int64)
        return SureFrame(frame, PictureLabels.of(boxes, classes, ignored=ignored), held_out)
