"""A second pass over a video, in which a detector of the members says who is where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from closeup.background import ahead
from closeup.detections import Detections
from closeup.errors import InputError
from closeup.fancam.frame_preparation import detection_size
from closeup.fancam.options import FancamOptions
from closeup.geometry import scaled
from closeup.media.video_reader import VideoReader
from closeup.progress import Progress
from closeup.protocols import MemberDetector

_AHEAD = 6
"""Frames decoded in advance."""


@dataclass(frozen=True, slots=True, eq=False)
class MemberDetections:
    """What a detector of members has found in the frames of a video.

    Attributes:
        frames: (k,) int64, the frames that were looked at, ascending.
        owner: (n,) int64, the place in ``frames`` of each object, ascending.
        found: The n objects, in source pixels; classes are places in the gallery's names, scores
            are 0..1.

    """

    frames: NDArray[np.int64]
    owner: NDArray[np.int64]
    found: Detections

    def best(self, member: int) -> NDArray[np.int64]:
        """Rows of the surest box of a member in each frame that shows one, in order."""
        own = np.flatnonzero(self.found.classes == member)
        order = own[np.lexsort((-self.found.scores[own], self.owner[own]))]
        _, first = np.unique(self.owner[order], return_index=True)
        return np.asarray(order[first])


def detect_members(
    video: VideoReader,
    detector: MemberDetector,
    names: Sequence[str],
    every: int,
    options: FancamOptions,
    progress: Progress,
) -> MemberDetections:
    """Look at every so many frames of the range of ``options``.

    Args:
        video: The stage.
        detector: Knows the members by their names.
        names: The gallery's.
        every: Distance of the frames.
        options: The range.
        progress: Hears of each frame, and of members whom the detector does not know.

    Raises:
        InputError: the detector knows none of the names.
        VideoError: nothing can be decoded.

    """
    known = _places(detector, names, progress)
    progress.begin("looking for members", video.frame_estimate)
    frames: list[int] = []
    found: list[Detections] = []
    for frame in ahead(video.frames(*options.span(video.start)), _AHEAD):
        progress.advance()
        if frame.index % every == 0:
            size = detection_size(frame.size)
            seen = detector.detect(frame.rgb(size))
            frames.append(frame.index)
            boxes = scaled(seen.boxes, frame.size.width / size.width)
            found.append(replace(seen, boxes=boxes))
    return _joined(frames, found, known)


def _places(
    detector: MemberDetector, names: Sequence[str], progress: Progress
) -> NDArray[np.int64]:
    """For each class of the detector its place in the names, -1 where it has none."""
    known = [names.index(name) if name in names else -1 for name in detector.names]
    missing = [name for name in names if name not in detector.names]
    if len(missing) == len(names):
        raise InputError(
            f"{detector.name} knows {', '.join(detector.names)}, and the members are "
            f"{', '.join(names)}; name the folders of their photos as it does"
        )
    if missing:
        progress.say(f"{detector.name} does not know {', '.join(missing)}")
    return np.array(known, np.int64)


def _joined(
    frames: list[int], found: list[Detections], known: NDArray[np.int64]
) -> MemberDetections:
    """All frames together, without classes that are no members."""
    every = Detections.joined(found)
    owner = np.repeat(np.arange(len(frames)), [len(own) for own in found])
    members = replace(every, classes=known[every.classes])
    kept = members.classes >= 0
    return MemberDetections(np.array(frames, np.int64), owner[kept], members[kept])
