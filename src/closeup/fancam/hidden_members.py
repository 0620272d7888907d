"""Members where no face tells who they are: filled in from what a detector of members saw."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from closeup.fancam.clothing_evidence import NO
from closeup.fancam.face_from_body import FaceInBox
from closeup.fancam.identity_assignment import IdentityAssignment
from closeup.fancam.member_detections import MemberDetections
from closeup.geometry import Boxes, centres_of, heights_of, iou, lie_inside
from closeup.tracks import PositionSource, Tracklet, Trajectory

_SCORE_THRESHOLD = 0.5
"""Score threshold of boxes that show a member."""
_SEVERAL = 3
"""Looks in a row that must show the member in one place: a detector errs for a moment."""
_STRIDE = 1.2
"""Heights of a face by which it moves between two looks at most."""
_SAME_PLACE = 0.3
"""IoU of a face with somebody else's from which it is theirs."""


def with_hidden(
    trajectories: Sequence[Trajectory],
    tracklets: Sequence[Tracklet],
    cast: IdentityAssignment,
    sight: MemberDetections,
    cuts: Sequence[int],
) -> list[Trajectory]:
    """Add rows where a member is absent and the detector saw them several times in a row.

    Nothing that faces have decided is changed, and nobody is put where another member is, or
    where a face says that it is somebody else. Between two looks the face lies on a line. Rows
    that are added are ``TRACKED``, as sure as the box, and of no tracklet.

    Args:
        trajectories: One a member, in the order of the sight's numbers.
        tracklets: Of the whole video.
        cast: Who each of them shows.
        sight: What the detector saw.
        cuts: First frame of every shot but the first.

    """
    place = FaceInBox.fitted(*_pairs(trajectories, sight))
    taken = _Taken(trajectories, tracklets, cast)
    return [
        _filled(trajectory, member, sight, place, taken, cuts)
        for member, trajectory in enumerate(trajectories)
    ]


def _pairs(trajectories: Sequence[Trajectory], sight: MemberDetections) -> tuple[Boxes, Boxes]:
    """Faces that were detected, and the boxes of the same members around them."""
    faces, boxes = [np.empty((0, 4), np.float32)], [np.empty((0, 4), np.float32)]
    for member, trajectory in enumerate(trajectories):
        rows = sight.best(member)
        rows = rows[sight.found.scores[rows] >= _SCORE_THRESHOLD]
        frames = sight.frames[sight.owner[rows]]
        face, box = trajectory.boxes[frames], sight.found.boxes[rows]
        inside = lie_inside(centres_of(face), box)
        inside &= trajectory.sources[frames] == PositionSource.DETECTED
        faces.append(face[inside])
        boxes.append(box[inside])
    return np.concatenate(faces), np.concatenate(boxes)


class _Taken:
    """Places at which somebody else is known to be."""

    def __init__(
        self,
        trajectories: Sequence[Trajectory],
        tracklets: Sequence[Tracklet],
        cast: IdentityAssignment,
    ) -> None:
        self._trajectories, self._tracklets, self._cast = trajectories, tracklets, cast

    def by_another(self, frame: int, member: int, face: Boxes) -> bool:
        """Whether a face (4,) lies on that of another member, or of who is surely not this one."""
        others = [
            own.boxes[frame]
            for number, own in enumerate(self._trajectories)
            if number != member and own.sources[frame] != PositionSource.ABSENT
        ]
        for tracklet, evidence in zip(self._tracklets, self._cast.evidence, strict=True):
            row = int(np.searchsorted(tracklet.frames, frame))
            there = row < len(tracklet) and tracklet.frames[row] == frame
            if there and evidence[member] < NO:
                others.append(tracklet.boxes[row])
        return bool(others) and bool(iou(face[None], np.array(others)).max() > _SAME_PLACE)


def _filled(
    trajectory: Trajectory,
    member: int,
    sight: MemberDetections,
    place: FaceInBox,
    taken: _Taken,
    cuts: Sequence[int],
) -> Trajectory:
    rows = sight.best(member)
    rows = rows[sight.found.scores[rows] >= _SCORE_THRESHOLD]
    frames, faces = sight.frames[sight.owner[rows]], place.faces(sight.found.boxes[rows])
    free = np.array(
        [
            trajectory.sources[frame] == PositionSource.ABSENT
            and not taken.by_another(int(frame), member, face)
            for frame, face in zip(frames, faces, strict=True)
        ],
        np.bool_,
    )
    frames, faces, scores = frames[free], faces[free], sight.found.scores[rows][free]
    filled = Trajectory(
        trajectory.name, trajectory.boxes.copy(), trajectory.sources.copy(),
        trajectory.confidence.copy(), trajectory.tracklets,
    )  # fmt: skip
    for run in _runs(frames, faces, _step(sight), cuts):
        _put(filled, frames[run], faces[run], float(scores[run].mean()))
    return filled


def _step(sight: MemberDetections) -> int:
    """Frames from one look to the next."""
    return int(np.diff(sight.frames).min(initial=1 << 30)) if len(sight.frames) > 1 else 1


def _runs(
    frames: NDArray[np.int64], faces: Boxes, step: int, cuts: Sequence[int]
) -> Iterator[slice]:
    """Stretches of one shot in which look after look shows the face near where it was."""
    if not len(frames):
        return
    shots = np.searchsorted(np.sort(np.asarray(cuts, np.int64)), frames, side="right")
    middles = centres_of(faces)
    moved = np.linalg.norm(np.diff(middles, axis=0), axis=1)
    heights = np.minimum(*(heights_of(faces[part]) for part in (slice(1, None), slice(-1))))
    joined = (np.diff(frames) <= step) & (np.diff(shots) == 0) & (moved <= _STRIDE * heights)
    ends = [*(np.flatnonzero(~joined) + 1).tolist(), len(frames)]
    start = 0
    for end in ends:
        if end - start >= _SEVERAL:
            yield slice(start, end)
        start = end


def _put(trajectory: Trajectory, frames: NDArray[np.int64], faces: Boxes, sure: float) -> None:
    """Enter a stretch, where nothing is known yet."""
    between = np.arange(frames[0], frames[-1] + 1)
    boxes = np.stack([np.interp(between, frames, faces[:, edge]) for edge in range(4)], axis=1)
    absent = trajectory.sources[between] == PositionSource.ABSENT
    trajectory.boxes[between[absent]] = boxes[absent]
    trajectory.sources[between[absent]] = PositionSource.TRACKED
    trajectory.confidence[between[absent]] = sure
