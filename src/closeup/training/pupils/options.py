"""What a pupil network is to be; known without torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

PointLoss = Literal["robust", "mse"]
POINT_LOSSES: tuple[str, ...] = get_args(PointLoss)

Backbone = Literal["compact", "wide", "resnet50"]
BACKBONES: tuple[str, ...] = get_args(Backbone)


@dataclass(frozen=True, slots=True)
class PupilNetworkOptions:
    """Which network, and what it learns.

    Attributes:
        points: 1 for the pupil; 3 for left corner, pupil and right corner.
        backbone: ``compact``, a small network of our own; ``wide``, the same with six times the
            weights, to label for the small one; or ``resnet50``.
        weights: Of the ResNet: a folder, a repository that was fetched before, or ``none``
            for random ones; None for those of ImageNet where they are.
        freeze: Leave the ResNet as it is; only its head learns.
        loss: Of points: ``robust`` or ``mse``.
        width: Of the crops that it is given, in eye distances.

    Raises:
        ValueError: there is no such choice, or it means nothing for the network.

    """

    points: int = 1
    backbone: Backbone = "compact"
    weights: str | None = None
    freeze: bool = False
    loss: PointLoss = "robust"
    width: float = 1.2

    def __post_init__(self) -> None:
        if self.points not in (1, 3):
            raise ValueError(f"points must be 1 or 3, not {self.points}")
        if self.backbone not in BACKBONES:
            raise ValueError(
                f"the backbone must be one of {', '.join(BACKBONES)}, not {self.backbone!r}"
            )
        if self.loss not in POINT_LOSSES:
            raise ValueError(f"the loss must be {' or '.join(POINT_LOSSES)}, not {self.loss!r}")
        if self.backbone != "resnet50" and (self.weights or self.freeze):
            raise ValueError("weights and freeze are for the backbone resnet50")
        if not 0.5 <= self.width <= 4:
            raise ValueError(f"the width must be 0.5 to 4 eye distances, not {self.width}")

    @property
    def rate(self) -> float:
        """A peak learning rate that suits: what is learnt already is changed with care."""
        rates = {"compact": 4e-3, "wide": 3e-3}
        return rates.get(self.backbone, 1e-3 if self.freeze else 3e-4)
