"""Positions over time: tracklets inside a shot, and one trajectory a member."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from closeup.geometry import Boxes


class PositionSource(IntEnum):
    """The source of a position."""

    ABSENT = 0
    INTERPOLATED = 1
    TRACKED = 2
    DETECTED = 3

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True, eq=False)
class Tracklet:
    """One unbroken run of one head inside one shot.

    Attributes:
        id: Number of the tracklet, unique in its video and stable between runs.
        head: Number of the tracker's head to which it belongs; several tracklets may share it.
        frames: (n,) int64, strictly increasing frame indices.
        boxes: (n, 4) float32, face box in each of these frames, xyxy in source pixels.
        sources: (n,) uint8, values of :class:`PositionSource`.
        scores: (n,) float32, the detector's score, or the tracker's score in 0..1.
        embeddings: (m, d) float32, embeddings of some of its faces, in time order.
        embedded_frames: (m,) int64, frame index of each embedding.
        weights: (m,) float32 in 0..1, how much each embedding should count.
        appearance: (a,) float32, mean colour histogram of the clothes, which sums to 1; zeros if
            the clothes are unknown.

    """

    id: int
    head: int
    frames: NDArray[np.int64]
    boxes: Boxes
    sources: NDArray[np.uint8]
    scores: NDArray[np.float32]
    embeddings: NDArray[np.float32]
    embedded_frames: NDArray[np.int64]
    weights: NDArray[np.float32]
    appearance: NDArray[np.float32]

    def __post_init__(self) -> None:
        count = len(self.frames)
        if count == 0 or np.any(np.diff(self.frames) <= 0):
            raise ValueError(f"tracklet {self.id}: frames must be one or more and increasing")
        if self.boxes.shape != (count, 4):
            raise ValueError(f"boxes must have shape {(count, 4)}, got {self.boxes.shape}")
        if not len(self.embeddings) == len(self.embedded_frames) == len(self.weights):
            raise ValueError(f"tracklet {self.id}: embeddings, frames and weights differ in length")

    @property
    def start(self) -> int:
        """Index of the first frame."""
        return int(self.frames[0])

    @property
    def stop(self) -> int:
        """Index one past the last frame."""
        return int(self.frames[-1]) + 1

    def __len__(self) -> int:
        return len(self.frames)


@dataclass(frozen=True, slots=True, eq=False)
class Trajectory:
    """The position of one member in every frame of the video.

    Attributes:
        name: Name of the member.
        boxes: (n, 4) float32 face boxes, xyxy in source pixels, one row a frame; NaN where absent.
        sources: (n,) uint8, values of :class:`PositionSource`.
        confidence: (n,) float32 in 0..1, confidence that this is the member; 0 where absent.
        tracklets: (n,) int64, id of the tracklet of each position; -1 where there is none.

    """

    name: str
    boxes: Boxes
    sources: NDArray[np.uint8]
    confidence: NDArray[np.float32]
    tracklets: NDArray[np.int64]

    def __post_init__(self) -> None:
        count = len(self.boxes)
        for name in ("sources", "confidence", "tracklets"):
            shape = getattr(self, name).shape
            if shape != (count,):
                raise ValueError(f"{name} must have shape {(count,)}, got {shape}")

    @classmethod
    def absent(cls, name: str, frames: int) -> Trajectory:
        """The trajectory of a member who is absent in all ``frames`` frames."""
        return cls(
            name,
            np.full((frames, 4), np.nan, np.float32),
            np.full(frames, PositionSource.ABSENT, np.uint8),
            np.zeros(frames, np.float32),
            np.full(frames, -1, np.int64),
        )

    @property
    def present(self) -> NDArray[np.bool_]:
        """True where a position is known; shape (n,)."""
        return np.asarray(self.sources != PositionSource.ABSENT)

    def without(self, frames: NDArray[np.bool_]) -> Trajectory:
        """The same positions, but for those in some frames.

        Args:
            frames: (n,) True where the member becomes absent.

        """
        return Trajectory(
            self.name,
            np.where(frames[:, None], np.float32(np.nan), self.boxes),
            np.where(frames, np.uint8(PositionSource.ABSENT), self.sources),
            np.where(frames, np.float32(0), self.confidence),
            np.where(frames, -1, self.tracklets),
        )

    def __len__(self) -> int:
        return len(self.boxes)
