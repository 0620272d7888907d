"""Scores of a result against the truth of a scene."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.camera_path import CameraPath, View
from closeup.errors import InputError
from closeup.fancam.camera.quality import ROUNDING
from closeup.geometry import Boxes, centres_of, clipped, hold, widths_of
from closeup.synthesis.truth import Truth
from closeup.testing.identity_metrics import Identity, identity, overlaps
from closeup.tracks import Trajectory

SAME = 0.3
"""Intersection over union from which a box and a truth box belong to one face. It is low because
the extent of detectors' boxes differs: a box that ends at the eyebrows has 0.5 to 0.6 with
one that ends at the hairline, even without an error."""


@dataclass(frozen=True, slots=True)
class MemberScore:
    """The scores of one member.

    Attributes:
        name: The member.
        visible: Frames in which the member is visible according to the truth.
        found: Visible frames with the position on the member's own face.
        inside_close: Visible frames with the whole face box in a close crop, apart from any part
            of the box outside the frame.
        inside_wide: Visible frames in which the whole stage is shown instead.
        wrong_boxes: Frames with the position on another person and not on the member.
        wrong_crops: Close-up frames with the member outside the crop and another person in
            the middle of it.
        frames: Frames of the member's video.

    """

    name: str
    visible: int
    found: int
    inside_close: int
    inside_wide: int
    wrong_boxes: int
    wrong_crops: int
    frames: int

    @property
    def found_share(self) -> float:
        """``found`` over ``visible``; 1 if the member is never visible."""
        return self.found / self.visible if self.visible else 1.0

    @property
    def close_share(self) -> float:
        """Share of the visible frames with the whole face box in a close crop."""
        return self.inside_close / self.visible if self.visible else 1.0

    @property
    def inside_share(self) -> float:
        """Share including wide shots: the face is in them, though small."""
        both = self.inside_close + self.inside_wide
        return both / self.visible if self.visible else 1.0


@dataclass(frozen=True, slots=True)
class SceneScore:
    """The scores of a whole scene.

    Attributes:
        identity: IDF1, HOTA and their parts over all members.
        members: One score per member, in the truth's order.
        frames: Frames of the scene.

    """

    identity: Identity
    members: tuple[MemberScore, ...]
    frames: int

    @property
    def wrong_frames(self) -> int:
        """Number of frames with a wrong person, by position or by crop, over all members."""
        return sum(member.wrong_boxes + member.wrong_crops for member in self.members)

    @property
    def complete(self) -> bool:
        """Whether every member's video has as many frames as the scene."""
        return all(member.frames == self.frames for member in self.members)


def score(
    trajectories: Iterable[Trajectory],
    truth: Truth,
    cameras: Mapping[str, CameraPath] | None = None,
    frames: Mapping[str, int] | None = None,
) -> SceneScore:
    """Compare positions and camera paths with the truth.

    Args:
        trajectories: One per member; a member without one counts as never found.
        truth: Truth of the scene.
        cameras: The camera path of each member, by name; without one, crops are not
            scored and their counts are 0.
        frames: Number of frames in each member's video file, by name; defaults to the length of
            the camera path or trajectory, or 0 without either.

    Raises:
        InputError: a result belongs to a non-member, or its length differs from the truth's;
            or the package ``trackers`` is missing.

    """
    by_name = {trajectory.name: trajectory for trajectory in trajectories}
    cameras, frames = cameras or {}, frames or {}
    _check(by_name, cameras, truth)
    positions = {
        name: by_name[name].boxes
        if name in by_name
        else np.full((len(truth), 4), np.nan, np.float32)
        for name in truth.members
    }
    members = []
    for name in truth.members:
        given = len(truth) if name in by_name or name in cameras else 0
        count = frames.get(name, given)
        members.append(_member(name, positions[name], truth, cameras.get(name), count))
    return SceneScore(identity(positions, truth, SAME), tuple(members), len(truth))


def _check(
    trajectories: Mapping[str, Trajectory], cameras: Mapping[str, CameraPath], truth: Truth
) -> None:
    lengths = [(name, len(trajectory)) for name, trajectory in trajectories.items()]
    lengths += [(name, len(camera)) for name, camera in cameras.items()]
    for name, length in lengths:
        if name not in truth.members:
            known = ", ".join(truth.members)
            raise InputError(f"{name!r} is no member of the scene; known: {known}")
        if length != len(truth):
            raise InputError(
                f"{name} has {length} positions for {len(truth)} frames of truth; "
                "score the whole video"
            )


def _member(
    name: str, boxes: Boxes, truth: Truth, camera: CameraPath | None, frames: int
) -> MemberScore:
    own = truth.person(name)
    visible = truth.visible[:, own]
    overlap = overlaps(boxes, truth)
    on_self = overlap[:, own] >= SAME
    on_other = (np.delete(overlap * truth.visible, own, axis=1) >= SAME).any(axis=1)
    close = wide = wrong = np.zeros(len(truth), np.bool_)
    if camera is not None:
        windows = camera.boxes()
        face = clipped(truth.boxes[:, own], truth.size)
        close = (camera.views == View.CLOSE) & hold(windows, face, ROUNDING)
        wide = camera.views == View.WIDE
        wrong = (camera.views == View.CLOSE) & _centred_on_another(windows, truth, own)
    return MemberScore(
        name=name,
        visible=int(visible.sum()),
        found=int((visible & on_self).sum()),
        inside_close=int((visible & close).sum()),
        inside_wide=int((visible & wide).sum()),
        wrong_boxes=int((on_other & ~on_self).sum()),
        wrong_crops=int(wrong.sum()),
        frames=frames,
    )


def _centred_on_another(windows: NDArray[np.float64], truth: Truth, own: int) -> NDArray[np.bool_]:
    """Return where the face is outside the window and another in its middle half; (n,) bool.

    The middle half refers to columns: in a bust or body framing the face is far above the
    middle row.
    """
    centres = centres_of(truth.boxes)
    low, high = centres >= windows[:, None, :2], centres <= windows[:, None, 2:]
    inside = np.asarray((low & high).all(axis=2))
    middle = centres_of(windows)[:, None, 0]
    width = widths_of(windows)[:, None]
    central = inside & truth.visible & (np.abs(centres[..., 0] - middle) <= width / 4)
    return np.asarray(~inside[:, own] & np.delete(central, own, axis=1).any(axis=1))
