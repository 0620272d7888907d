"""What a pupil network is to be; known without torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

PointLoss = Literal["robust", "mse"]
POINT_LOSSES: tuple[str, ...] = get_args(PointLoss)

Backbone = Literal["compact", "resnet50"]
BACKBONES: tuple[str, ...] = get_args(Backbone)


@dataclass(frozen=True, slots=True)
class PupilNetworkOptions:
    """Which network, and what it learns.

    Attributes:
        points: 1 for the pupil; 3 for left corner, pupil and right corner.
        backbone: ``compact``, a small network of our own, or ``resnet50``.
        weights: Of the ResNet: a folder, a repository that was fetched before, or ``none``
            for random ones; None for those of ImageNet where they are.
        freeze: Leave the ResNet as it is; only its head learns.
        loss: Of points: ``robust`` or ``mse``.

    Raises:
        ValueError: there is no such choice, or it means nothing for the network.

    """

    points: int = 1
    backbone: Backbone = "compact"
    weights: str | None = None
    freeze: bool = False
    loss: PointLoss = "robust"

    def __post_init__(self) -> None:
        if self.points not in (1, 3):
            raise ValueError(f"points must be 1 or 3, not {self.points}")
        if self.backbone not in BACKBONES:
            raise ValueError(
                f"the backbone must be {' or '.join(BACKBONES)}, not {self.backbone!r}"
            )
        if self.loss not in POINT_LOSSES:
            raise ValueError(f"the loss must be {' or '.join(POINT_LOSSES)}, not {self.loss!r}")
        if self.backbone == "compact" and (self.weights or self.freeze):
            raise ValueError("weights and freeze are for the backbone resnet50")

    @property
    def rate(self) -> float:
        """A peak learning rate that suits: what is learnt already is changed with care."""
        if self.backbone == "compact":
            return 4e-3
        return 1e-3 if self.freeze else 3e-4
