"""What a detector is to find, and how large its network is; known without torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

COARSEST = 32
"""Pixels of a cell of the coarsest level; sides of the input are whole multiples of it."""

_FINEST = (4, 8)


@dataclass(frozen=True, slots=True)
class DetectionTask:
    """What boxes are drawn around.

    Attributes:
        names: Of the classes, in the order of their numbers.
        points: Key points of each box, 0 for none.

    Raises:
        ValueError: no class, a name twice, or a negative number of points.

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
"""Faces with the points of :data:`closeup.faces.Landmarks`."""


@dataclass(frozen=True, slots=True)
class DetectorShape:
    """How large the parts of a detector are.

    Widths that are multiples of 16 are fastest: onnxruntime computes so many at once where
    the processor has AVX-512, and 24 take the time of 32.

    Attributes:
        channels: Of the backbone at strides 2, 4, 8, 16 and 32.
        depths: Residual convolutions at strides 4, 8, 16 and 32, besides the one that halves.
        neck: Channels of each level of the pyramid and its heads, from the finest to stride 32.
        finest: Stride of the finest level, 4 or 8. At equal time faces of 8 to 18 pixels were
            found as often with either: what a level of stride 4 gains, its channels lack.

    Raises:
        ValueError: the numbers make no sense, or do not go together.

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
        """Pixels of a cell at each level, the finest first."""
        return tuple(stride for stride in (4, 8, 16, COARSEST) if stride >= self.finest)


SHAPES: Mapping[str, DetectorShape] = MappingProxyType(
    {
        "faces": DetectorShape((16, 32, 32, 64, 96), (0, 1, 1, 1), (32, 32, 48)),
        "members": DetectorShape((16, 32, 48, 96, 160), (0, 1, 2, 2), (48, 48, 64)),
        "large": DetectorShape((32, 64, 128, 256, 384), (1, 2, 3, 2), (128, 128, 192)),
    }
)
"""``faces`` is for a processor and as fast as YuNet; ``members`` is learnt in minutes on two
processors; ``large`` wants a GPU to learn, and does not mind time."""
