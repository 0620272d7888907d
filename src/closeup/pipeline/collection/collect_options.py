"""Which frames of videos are collected, and how they are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from closeup.collection.frame_choice import (
    EveryFrames,
    EverySeconds,
    FrameChoice,
    FramesByNumber,
)
from closeup.pipeline.collection.frame_faces import FaceRequirements
from closeup.rotation import checked_rotation

EVERY = 15
"""Frames from one collected frame to the next, unless another choice is made."""


@dataclass(frozen=True, slots=True)
class CollectOptions:
    """Which frames are collected, and how they are written.

    Attributes:
        every: Take every n-th frame; None if frames are chosen otherwise. Every 15th if nothing
            chooses.
        seconds: Take a frame in each stretch of so many seconds; None likewise.
        of_shots: Take so many frames of every shot; None likewise.
        diverse: Keep so many of the chosen frames, of all videos together, which differ most from
            each other; None for all.
        faces: What a face of a frame must be like; None if frames without a face are collected.
        rotate: Rotation of the videos in degrees clockwise: 0, 90, 180 or 270.
        quality: Quality of the JPEG files, 1 to 100.

    Raises:
        ValueError: two choices are made, a number is out of range, or the rotation is no quarter
            turn.

    """

    every: int | None = None
    seconds: Fraction | None = None
    of_shots: int | None = None
    diverse: int | None = None
    faces: FaceRequirements | None = None
    rotate: int = 0
    quality: int = 92

    def __post_init__(self) -> None:
        made = [
            choice for choice in (self.every, self.seconds, self.of_shots) if choice is not None
        ]
        if len(made) > 1:
            raise ValueError("choose frames by their number, by seconds or by shots, not by two")
        if self.of_shots is None:
            self.choice(())
        elif self.of_shots < 1:
            raise ValueError(f"take 1 frame of a shot or more, not {self.of_shots}")
        if self.diverse is not None and self.diverse < 1:
            raise ValueError(f"keep 1 frame or more, not {self.diverse}")
        if not 1 <= self.quality <= 100:
            raise ValueError(f"quality must be 1 to 100, not {self.quality}")
        checked_rotation(self.rotate)

    def choice(self, numbers: Sequence[int]) -> FrameChoice:
        """What chooses the frames of a video; ``numbers`` are those of its shots."""
        if self.of_shots is not None:
            return FramesByNumber(frozenset(numbers))
        if self.seconds is not None:
            return EverySeconds(self.seconds)
        return EveryFrames(EVERY if self.every is None else self.every)

    def document(self) -> dict[str, Any]:
        """The options as JSON supports them."""
        faces = None
        if self.faces is not None:
            members = sorted(self.faces.members)
            faces = {"height": self.faces.height, "detail": self.faces.detail, "members": members}
        plain = self.of_shots is None and self.seconds is None
        return {
            "every": (self.every or EVERY) if plain else None,
            "seconds": None if self.seconds is None else float(self.seconds),
            "of_shots": self.of_shots, "diverse": self.diverse, "faces": faces,
            "rotate": self.rotate, "quality": self.quality,
        }  # fmt: skip
