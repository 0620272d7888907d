"""What every network that finds pupils is given and answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import NamedTuple

from torch import Tensor, nn

from closeup.geometry import Size
from closeup.pupils.network_file import POINT_NAMES


@dataclass(frozen=True, slots=True)
class EyeInput:
    """The crops that a network takes, and the points that it tells.

    Attributes:
        size: Of a crop, in pixels.
        width: Of a crop, in eye distances; its pixels are square.
        points: 1 for the pupil, 3 for left corner, pupil and right corner.

    Raises:
        ValueError: the numbers make no sense.

    """

    size: Size = field(default=Size(64, 48))
    width: float = 1.2
    points: int = 1

    def __post_init__(self) -> None:
        if self.points not in POINT_NAMES:
            raise ValueError(f"points must be 1 or 3, not {self.points}")
        if min(self.size) < 1 or not self.width > 0:
            raise ValueError(f"a crop of {self.size} pixels, {self.width} wide, holds no eye")

    @property
    def unit(self) -> float:
        """One eye distance in pixels of the crop."""
        return self.size.width / self.width

    @property
    def extent(self) -> tuple[float, float]:
        """Width and height in eye distances."""
        return self.width, self.size.height / self.unit

    @property
    def pupil(self) -> int:
        """Which of the points is the pupil."""
        return self.points // 2


class EyeAnswer(NamedTuple):
    """What a network says of n eyes, in the form that losses take.

    Attributes:
        points: (n, k, 2) x, y as shares of the crop's sides; 0 and 1 are its edges.
        openness: (n,) logit of 0 (closed) … 1 (wide open).
        visible: (n,) logit of the probability that an eye can be seen.
        spread: (n,) the error that it expects of its pupil, in eye distances; positive.

    """

    points: Tensor
    openness: Tensor
    visible: Tensor
    spread: Tensor


class PupilNetwork(nn.Module, ABC):
    """A network that finds the pupil in crops of eyes; normalises its input itself.

    Args:
        given: The crops that it takes.

    """

    def __init__(self, given: EyeInput) -> None:
        super().__init__()
        self.given = given

    @abstractmethod
    def forward(self, eyes: Tensor) -> EyeAnswer:
        """Look at grey crops.

        Args:
            eyes: (n, H, W), 0 … 255, of any dtype; eyes level, left eyes mirrored.

        """
