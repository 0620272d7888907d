"""Inputs and outputs of all pupil networks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import NamedTuple

from torch import Tensor, nn

from closeup.geometry import Size
from closeup.pupils.network_file import POINT_NAMES


@dataclass(frozen=True, slots=True)
class EyeInput:
    """The crops that a network takes, and the points that it predicts.

    Attributes:
        size: Size of a crop, in pixels.
        width: Width of a crop, in eye distances; its pixels are square.
        points: 1 for the pupil, 3 for left corner, pupil and right corner.

    Raises:
        ValueError: points is not 1 or 3, or a size is not positive.

    """

    size: Size = field(default=Size(64, 48))
    width: float = 1.2
    points: int = 1

    def __post_init__(self) -> None:
        if self.points not in POINT_NAMES:
            raise ValueError(f"points must be 1 or 3, not {self.points}")
        if min(self.size) < 1 or not self.width > 0:
            raise ValueError(f"a crop of {self.size} pixels, {self.width} wide, is empty")

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
        """Index of the pupil among the points."""
        return self.points // 2


class EyeAnswer(NamedTuple):
    """Outputs of a network for n eyes, in the form that the losses take.

    Attributes:
        points: (n, k, 2) x, y as fractions of the crop's sides; 0 and 1 are its edges.
        openness: (n,) logit of 0 (closed) … 1 (wide open).
        visible: (n,) logit of the probability that the eye is visible.
        spread: (n,) the expected error of the pupil, in eye distances; positive.
        entropy: (n,) the entropy of the pupil's heatmap, in nats; None without heatmaps. Nothing
            is learnt from it, nor from the features.
        features: (n, d) what the network saw of the eye, to compare eyes by; None without them.

    """

    points: Tensor
    openness: Tensor
    visible: Tensor
    spread: Tensor
    entropy: Tensor | None = None
    features: Tensor | None = None


class PupilNetwork(nn.Module, ABC):
    """A network that finds the pupil in crops of eyes; it normalises its input itself.

    Args:
        given: The crops that it takes.

    """

    def __init__(self, given: EyeInput) -> None:
        super().__init__()
        self.given = given

    @abstractmethod
    def forward(self, eyes: Tensor) -> EyeAnswer:
        """Predict points, openness, visibility and spread for grey crops.

        Args:
            eyes: (n, H, W), 0 … 255, of any dtype; the eyes are level, left eyes are mirrored.

        """
