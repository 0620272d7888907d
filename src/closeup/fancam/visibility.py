"""Whether a head can be seen at a place: not behind another person, and not beyond the picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from closeup.fancam.conflicts import seen_span
from closeup.fancam.identity_assignment import IdentityAssignment
from closeup.geometry import Boxes, Size, clipped, covered, heights_of, sides_of
from closeup.tracking.clothes import torso_boxes
from closeup.tracks import PositionSource, Tracklet, Trajectory

_COVERED = 0.7
"""Share of a head under another person's face and torso from which it is surely hidden: the place
of a head between two detections is itself uncertain."""
_NEARER = 0.9
"""Ratio of heights from which a person may stand in front: a smaller face is farther away, and its
torso hides nobody."""
_INSIDE = 0.5
"""Share of a face that must be inside the picture."""
_PROPORTION = 0.75
"""Width of a whole face over its height, the median of YuNet's and our detector's boxes."""


class SeenFaces:
    """The faces of all tracklets between their first and last detection, by frame.

    Args:
        tracklets: Tracklets of the whole video; the index in the list is the tracklet's id.

    """

    def __init__(self, tracklets: Sequence[Tracklet]) -> None:
        spans = [
            slice(*np.searchsorted(t.frames, seen_span(t)) + np.array([0, 1])) for t in tracklets
        ]
        frames = [np.empty(0, np.int64)]
        boxes = [np.empty((0, 4), np.float32)]
        frames += [t.frames[span] for t, span in zip(tracklets, spans, strict=True)]
        boxes += [t.boxes[span] for t, span in zip(tracklets, spans, strict=True)]
        owners = np.repeat(np.arange(len(tracklets)), [len(own) for own in frames[1:]])
        order = np.argsort(np.concatenate(frames), kind="stable")
        self._frames, self._boxes = np.concatenate(frames)[order], np.concatenate(boxes)[order]
        self._owners = owners[order]

    def cover(self, frame: int, head: Boxes, among: NDArray[np.bool_]) -> float:
        """Largest share of a head that one person covers with face and torso.

        Args:
            frame: Index of the frame.
            head: (4,) box of the head, xyxy in source pixels.
            among: (t,) tracklets that count.

        Returns:
            0 to 1; 0 if none of these faces is seen in the frame.

        """
        low, high = np.searchsorted(self._frames, (frame, frame + 1))
        faces = self._boxes[low:high][among[self._owners[low:high]]]
        torsos = torso_boxes(faces)
        torsos[:, 1] = faces[:, 3]  # from the chin down
        nearer = heights_of(faces) >= _NEARER * heights_of(head)
        shares = covered(head[None], faces)[0] + nearer * covered(head[None], torsos)[0]
        return float(shares.max(initial=0))


def seen_only(
    trajectory: Trajectory, member: int, seen: SeenFaces, assignment: IdentityAssignment, size: Size
) -> Trajectory:
    """The positions of a member at which the head can be seen.

    Left out are interpolated positions behind another person, and those of heads of which less than
    half is inside the picture. Another person is one with the name of another member, or one who is
    seen at the same time as this member somewhere in the video.

    Args:
        trajectory: Positions of the member.
        member: Index of the member.
        seen: The faces of all tracklets.
        assignment: Identity assignment of the tracklets.
        size: Size of the picture in pixels.

    """
    own = assignment.members == member
    others = ~own & ((assignment.members >= 0) | assignment.conflicts[own].any(axis=0))
    unseen = trajectory.present & (trajectory.sources != PositionSource.DETECTED)
    lost = unseen & ~_inside(trajectory.boxes, size)
    for frame in np.flatnonzero(trajectory.sources == PositionSource.INTERPOLATED):
        lost[frame] |= seen.cover(int(frame), trajectory.boxes[frame], others) > _COVERED
    return trajectory.without(lost)


def _inside(boxes: Boxes, size: Size) -> NDArray[np.bool_]:
    """Whether at least half of each face (n, 4) is inside the picture.

    A detector's box of a face that is cut off ends at the picture's edge, so the whole face is
    derived from the longer side.
    """
    width, height = sides_of(clipped(boxes, size)).T
    whole = np.maximum(height, width / _PROPORTION)
    return np.asarray((width >= _INSIDE * _PROPORTION * whole) & (height >= _INSIDE * whole))
