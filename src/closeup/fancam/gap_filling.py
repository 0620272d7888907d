"""Positions of members whose face is hidden, filled in from the boxes of a member detector."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from closeup.fancam.face_from_body import FaceInBox
from closeup.fancam.identity_assignment import IdentityAssignment
from closeup.fancam.member_detections import MemberDetections
from closeup.geometry import Boxes, centres_of, heights_of, iou, lie_inside
from closeup.tracks import PositionSource, Tracklet, Trajectory

_SCORE_THRESHOLD = 0.5
"""Score threshold of boxes that show a member."""
_SEVERAL = 3
"""Consecutive detections of a member in one place that are needed: single ones may be errors."""
_STRIDE = 1.2
"""Largest movement of a face between two detections, in face heights."""
_CONTRADICTED = -1.5
"""A face with less evidence than this for a member is somebody else's."""
_SAME_PLACE = 0.3
"""IoU with another person's face above which the place is taken by that person."""


def with_hidden(
    trajectories: Sequence[Trajectory],
    tracklets: Sequence[Tracklet],
    assignment: IdentityAssignment,
    sight: MemberDetections,
    cuts: Sequence[int],
) -> list[Trajectory]:
    """Add rows where a member is absent but was detected several times in a row.

    Positions known from faces stay unchanged. A member is not placed where another member is,
    or where a face contradicts it. Between two detections the box is interpolated linearly. Added
    rows are ``TRACKED``, have the mean score of the boxes as confidence, and no tracklet.

    Args:
        trajectories: One trajectory a member, in the order of the class numbers of ``sight``.
        tracklets: Tracklets of the whole video.
        assignment: Identity assignment of the tracklets.
        sight: Boxes found by the member detector.
        cuts: Index of the first frame of every shot but the first.

    """
    place = FaceInBox.fitted(*_pairs(trajectories, sight))
    taken = _Taken(trajectories, tracklets, assignment)
    return [
        _filled(trajectory, member, sight, place, taken, cuts)
        for member, trajectory in enumerate(trajectories)
    ]


def _pairs(trajectories: Sequence[Trajectory], sight: MemberDetections) -> tuple[Boxes, Boxes]:
    """Detected faces and the member boxes around them; both (n, 4)."""
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
    """Places that are known to be taken by other people."""

    def __init__(
        self,
        trajectories: Sequence[Trajectory],
        tracklets: Sequence[Tracklet],
        assignment: IdentityAssignment,
    ) -> None:
        self._trajectories, self._tracklets, self._assignment = trajectories, tracklets, assignment

    def by_another(self, frame: int, member: int, face: Boxes) -> bool:
        """Whether a face (4,) overlaps that of another member or of a confident non-match."""
        others = [
            own.boxes[frame]
            for number, own in enumerate(self._trajectories)
            if number != member and own.sources[frame] != PositionSource.ABSENT
        ]
        for tracklet, evidence in zip(self._tracklets, self._assignment.evidence, strict=True):
            row = int(np.searchsorted(tracklet.frames, frame))
            there = row < len(tracklet) and tracklet.frames[row] == frame
            if there and evidence[member] < _CONTRADICTED:
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
    """Frames from one detection to the next."""
    return int(np.diff(sight.frames).min(initial=1 << 30)) if len(sight.frames) > 1 else 1


def _runs(
    frames: NDArray[np.int64], faces: Boxes, step: int, cuts: Sequence[int]
) -> Iterator[slice]:
    """Stretches of one shot in which each detection lies near the one before."""
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
    """Fill in the frames of a stretch in which the member has no position yet."""
    between = np.arange(frames[0], frames[-1] + 1)
    boxes = np.stack([np.interp(between, frames, faces[:, edge]) for edge in range(4)], axis=1)
    absent = trajectory.sources[between] == PositionSource.ABSENT
    trajectory.boxes[between[absent]] = boxes[absent]
    trajectory.sources[between[absent]] = PositionSource.TRACKED
    trajectory.confidence[between[absent]] = sure
