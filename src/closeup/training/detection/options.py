"""Task and network shape of a detector; this module does not import torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

COARSEST = 32
"""Stride of the coarsest level in pixels; sides of the input are multiples of it."""

_FINEST = (4, 8)


@dataclass(frozen=True, slots=True)
class DetectionTask:
    """Classes and key points that a detector finds.

    Attributes:
        names: Names of the classes, in the order of their numbers.
        points: Number of key points of each box; may be 0.

    Raises:
        ValueError: there is no class, a name occurs twice, or ``points`` is negative.

    """

    names: tuple[str, ...]
    points: int = 0

    def __post_init__(self) -> None:
        if not self.names:
            raise ValueError("a detector needs one class at least")
        if twice := next((name for name in self.names if self.names.count(name) > 1), None):
            raise ValueError(f"the class {twice!r} is there twice")
        if self.points < 0:
            raise ValueError(f"points must be at least 0, not {self.points}")

    def __str__(self) -> str:
        classes = f"the classes {', '.join(self.names)}" if len(self.names) > 1 else self.names[0]
        return f"{classes} with {self.points or 'no'} key points"


FACES = DetectionTask(("face",), 5)
"""Faces with the five points of :data:`closeup.faces.Landmarks`."""


@dataclass(frozen=True, slots=True)
class DetectorShape:
    """Sizes of the parts of a detector.

    Widths that are multiples of 16 are fastest: onnxruntime computes 16 channels at once on a
    processor with AVX-512, so that 24 channels take the time of 32.

    Attributes:
        channels: Channels of the backbone at strides 2, 4, 8, 16 and 32.
        depths: Residual convolutions at strides 4, 8, 16 and 32, besides the strided one.
        neck: Channels of each level of the pyramid and its heads, from the finest to stride 32.
        finest: Stride of the finest level, 4 or 8. At equal time, faces of 8 to 18 pixels were
            found equally often with both: a level of stride 4 leaves time for fewer channels.

    Raises:
        ValueError: a number is out of range, or the lengths do not agree.

    """

    channels: tuple[int, int, int, int, int]
    depths: tuple[int, int, int, int]
    neck: tuple[int, ...]
    finest: int = 8

    def __post_init__(self) -> None:
        if self.finest not in _FINEST:
            raise ValueError(f"the finest stride must be 4 or 8, not {self.finest}")
        if len(self.channels) != 5 or len(self.depths) != 4:
            raise ValueError("a detector has 5 widths and 4 depths")
        if len(self.neck) != len(self.strides):
            raise ValueError(
                f"the neck needs {len(self.strides)} widths, one a level, not {len(self.neck)}"
            )
        if min(*self.channels, *self.neck) < 1 or min(self.depths) < 0:
            raise ValueError("widths must be positive, depths at least 0")

    @property
    def strides(self) -> tuple[int, ...]:
        """Strides of the levels in pixels, the finest first."""
        return tuple(stride for stride in (4, 8, 16, COARSEST) if stride >= self.finest)


SHAPES: Mapping[str, DetectorShape] = MappingProxyType(
    {
        "faces": DetectorShape((16, 32, 32, 64, 96), (0, 1, 1, 1), (32, 32, 48)),
        "members": DetectorShape((16, 32, 48, 96, 160), (0, 1, 2, 2), (48, 48, 64)),
        "large": DetectorShape((32, 64, 128, 256, 384), (1, 2, 3, 2), (128, 128, 192)),
    }
)
"""``faces`` runs on a CPU as fast as YuNet; ``members`` trains in minutes on two CPU cores;
``large`` needs a GPU for training and is slow."""
