"""A second pass over a video, in which a detector finds the members, or all persons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from closeup.background import ahead
from closeup.detections import Detections
from closeup.errors import InputError
from closeup.fancam.frame_preparation import detection_size
from closeup.fancam.options import FancamOptions
from closeup.files.arrays import read_arrays, write_arrays
from closeup.geometry import scaled
from closeup.media.video_reader import VideoReader
from closeup.progress import Progress
from closeup.protocols import MemberDetector, PersonDetector

_AHEAD = 6
"""Frames decoded in advance."""


@dataclass(frozen=True, slots=True, eq=False)
class MemberDetections:
    """The boxes that a detector of members or persons found in the frames of a video.

    Attributes:
        frames: (k,) int64, indices of the frames in which members were detected, ascending.
        owner: (n,) int64, index into ``frames`` of each object, ascending.
        found: The n objects, in source pixels; classes are indices of the gallery's names, scores
            are 0..1.

    """

    frames: NDArray[np.int64]
    owner: NDArray[np.int64]
    found: Detections

    def best(self, member: int) -> NDArray[np.int64]:
        """Rows of the member's box with the highest score in each frame that has one, in order."""
        own = np.flatnonzero(self.found.classes == member)
        order = own[np.lexsort((-self.found.scores[own], self.owner[own]))]
        _, first = np.unique(self.owner[order], return_index=True)
        return np.asarray(order[first])

    def save(self, path: Path) -> None:
        """Write the detections, whole or not at all.

        Raises:
            OutputError: the file cannot be written.

        """
        found = self.found
        write_arrays(
            path,
            frames=self.frames,
            owner=self.owner,
            boxes=found.boxes,
            scores=found.scores,
            members=found.classes,
        )

    @classmethod
    def load(cls, path: Path) -> MemberDetections:
        """Read what :meth:`save` wrote.

        Raises:
            InputError: the file cannot be read or is damaged.

        """
        try:
            data = read_arrays(path, ("frames", "owner", "boxes", "scores", "members"))
            found = Detections(data["boxes"], data["scores"], data["members"])
            return cls(data["frames"], data["owner"], found)
        except (OSError, ValueError) as error:
            raise InputError(f"{path} is damaged: {error}; delete it and run again") from error


def detect_members(
    video: VideoReader,
    detector: MemberDetector,
    names: Sequence[str],
    every: int,
    options: FancamOptions,
    progress: Progress,
) -> MemberDetections:
    """Detect the members in every ``every``-th frame of the range of ``options``.

    Args:
        video: The stage video.
        detector: Finds the members; its class names are the members' names.
        names: Names of the gallery's members.
        every: Frames from one detection to the next.
        options: The time range.
        progress: Receives a report for every frame, and members that the detector does not know.

    Raises:
        InputError: the detector knows none of the names.
        VideoError: nothing can be decoded.

    """
    known = _places(detector, names, progress)
    progress.begin("looking for members", video.frame_estimate)
    return _joined(*_detected(video, detector, every, options, progress), known)


def detect_persons(
    video: VideoReader,
    detector: PersonDetector,
    every: int,
    options: FancamOptions,
    progress: Progress,
) -> MemberDetections:
    """Detect the persons, of whom it is not known who they are; all have the class 0.

    The arguments and errors are those of :func:`detect_members`.
    """
    progress.begin("looking for bodies", video.frame_estimate)
    frames, found = _detected(video, detector, every, options, progress)
    return _joined(frames, found, np.zeros(1, np.int64))


def _detected(
    video: VideoReader,
    detector: MemberDetector | PersonDetector,
    every: int,
    options: FancamOptions,
    progress: Progress,
) -> tuple[list[int], list[Detections]]:
    """Indices of the frames that were searched, and the objects of each in source pixels."""
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
    return frames, found


def _places(
    detector: MemberDetector, names: Sequence[str], progress: Progress
) -> NDArray[np.int64]:
    """For each class of the detector its index in ``names``; -1 if it has none."""
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
    """The detections of all frames, without those of classes that are not members."""
    every = Detections.joined(found)
    owner = np.repeat(np.arange(len(frames)), [len(own) for own in found])
    members = replace(every, classes=known[every.classes])
    kept = members.classes >= 0
    return MemberDetections(np.array(frames, np.int64), owner[kept], members[kept])
