"""Pseudo-labels: frames with confident identities as training data for a member detector."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.fancam.assign import NOBODY
from closeup.fancam.conflicts import seen_span
from closeup.fancam.solution import Solution
from closeup.labels import PictureLabels
from closeup.tracks import Tracklet

SURE = 0.98
"""Confidence threshold of a name that is used as a label."""
_STRANGE = -2.0
"""Evidence (natural logarithm) for every member, up to which a head is confidently no member's."""
_BLOCKS = 20
"""Blocks of chosen frames; whole blocks are held out, since neighbouring frames are alike."""


@dataclass(frozen=True, slots=True, eq=False)
class SureFrame:
    """One frame with its labels.

    Attributes:
        frame: Index of the frame.
        faces: Face boxes in the video's pixels; classes are indices of the solution's names.
            Heads of uncertain identity are marked as ignored and have class 0: training must
            hide them.
        held_out: Whether the frame is for validation instead of training.

    """

    frame: int
    faces: PictureLabels
    held_out: bool


def sure_frames(solution: Solution, most: int, held_out: float = 0.15) -> list[SureFrame]:
    """Choose frames from the whole video in which a member is identified with confidence.

    A head is labelled also between two detections of its face. It is ignored where it is only
    carried, before its first or after its last detection, and where it is neither confidently a
    member's nor confidently no member's.

    Args:
        solution: Identities and trajectories.
        most: Maximum number of frames.
        held_out: Share of the frames for validation, in whole blocks.

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
    """Numbers of the held-out blocks: evenly spread, without the first block."""
    wanted = max(1, round(share * _BLOCKS))
    return ((np.arange(wanted) + 0.5) * _BLOCKS / wanted).astype(np.int64)


class _Heads:
    """All heads of the video, with their identities."""

    def __init__(self, solution: Solution) -> None:
        self._tracklets: Sequence[Tracklet] = solution.tracklets
        self._members = solution.assignment.members
        evidence = solution.assignment.evidence.max(axis=1, initial=-np.inf)
        named = (self._members != NOBODY) & (solution.assignment.confidence >= SURE)
        self._known = named | ((self._members == NOBODY) & (evidence <= _STRANGE))

    def known(self, count: int) -> NDArray[np.bool_]:
        """Whether a member is identified with confidence in each frame; shape (count,)."""
        sure = np.zeros(count, np.bool_)
        for tracklet, member, known in self._all():
            if known and member != NOBODY:
                first, last = seen_span(tracklet)
                frames = tracklet.frames
                sure[frames[(frames >= first) & (frames <= last)]] = True
        return sure

    def _all(self) -> Iterator[tuple[Tracklet, int, bool]]:
        """Each tracklet, its member, and whether that is confident."""
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
