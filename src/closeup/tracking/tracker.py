"""The protocol of trackers, and what a tracker may look at in a key frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from closeup.faces import Faces
from closeup.frames import GrayImage
from closeup.geometry import Boxes
from closeup.tracking.clothes import TorsoMatch, find_torso, histograms
from closeup.tracking.heads import (
    TrackedHead,
)
from closeup.tracking.observations import TrackerState

_FOUND_CLOTHES = 0.85
"""Clothing similarity needed to find a lost head: higher, as it is the best of many places."""


@dataclass(frozen=True, slots=True, eq=False)
class TrackerView:
    """The tracker's view of one key frame.

    Attributes:
        gray: Grey picture (H, W) in whose pixels all boxes are.
        bins: Its colour bins, at ``scale`` times the size.
        scale: Width of ``bins`` over width of ``gray``.

    """

    gray: GrayImage
    bins: NDArray[np.uint8]
    scale: float

    def clothes(self, faces: Boxes) -> NDArray[np.float32]:
        """Histograms of the clothes below face boxes; shape (n, BINS)."""
        return histograms(self.bins, faces * np.float32(self.scale))

    def find(self, head: TrackedHead, radius: float) -> TorsoMatch | None:
        """The place of a head's clothes within ``radius`` pixels of its box; None if not found."""
        near = head.box * np.float32(self.scale)
        found = find_torso(self.bins, head.clothes, near, radius * self.scale)
        if found is None or found.similarity < _FOUND_CLOTHES:
            return None
        return found._replace(box=found.box / np.float32(self.scale))


class Tracker(Protocol):
    """Follows heads through one pass over a video.

    :meth:`begin` starts a pass. :meth:`step` is called for every frame; on key frames, in which
    faces were detected, :meth:`correct` follows. Boxes are in the pixels of the grey pictures.
    """

    @property
    def name(self) -> str:
        """Part of the key of a saved analysis: another name makes another analysis."""
        ...

    @property
    def state(self) -> TrackerState:
        """The state from which tracking can be resumed after this key frame."""
        ...

    @property
    def heads(self) -> list[TrackedHead]:
        """The heads that are tracked now."""
        ...

    def begin(
        self,
        rate: float,
        state: TrackerState | None = None,
        last: tuple[int, GrayImage] | None = None,
    ) -> None:
        """Start a new pass; the state of an earlier one is dropped.

        Args:
            rate: Frames a second.
            state: State after the key frame at which an earlier pass stopped; None at the start of
                a video.
            last: Index and grey picture of that key frame; None at the start of a video.

        """
        ...

    def step(
        self, index: int, gray: GrayImage, *, key: bool, jump: bool = False, flash: bool = False
    ) -> None:
        """Move every head to frame ``index``.

        Args:
            index: Index of the frame.
            gray: Its grey picture.
            key: Whether :meth:`correct` follows and decides which heads stay.
            jump: Whether the picture is another one, as after a cut.
            flash: Whether it is the same picture in another light; the heads then stay in place.

        """
        ...

    def correct(
        self, index: int, look: TrackerView, faces: Faces, *, whole: bool = True
    ) -> list[TrackedHead]:
        """Correct the heads with the faces found in frame ``index``.

        Args:
            index: Index of the frame.
            look: The tracker's view of the frame.
            faces: Faces found in it.
            whole: Whether faces of all sizes were detected, not only those of known heads.

        Returns:
            The head of every face, in the order of ``faces``.

        """
        ...

    def drain(self) -> tuple[NDArray[np.void], NDArray[np.void]]:
        """Return the records since the last call: arrays of the dtypes OBSERVATION and CLOTHES."""
        ...
