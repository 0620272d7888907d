"""Creation of pupil networks from options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import torch

from closeup.geometry import Size
from closeup.progress import Progress
from closeup.training.pupils.compact import CompactNetwork, CompactShape
from closeup.training.pupils.network import EyeInput, PupilNetwork

_COMPACT = Size(64, 48)
_WIDE = CompactShape(channels=(32, 64, 128, 192), depth=2, state=64)
_RESNET = Size(96, 72)
"""A ResNet halves the resolution five times, so it needs more input pixels."""


def open_network(
    options: PupilNetworkOptions, width: float, seed: int, progress: Progress
) -> PupilNetwork:
    """Create an untrained pupil network.

    Args:
        options: The choice of network.
        width: Width of the training crops, in eye distances; an upper limit of the width of
            the network's input.
        seed: Determines its initial weights.
        progress: Receives a message if a ResNet starts with random weights.

    Raises:
        InputError: the weights of the ResNet are missing or damaged.

    """
    size = _RESNET if options.backbone == "resnet50" else _COMPACT
    given = EyeInput(size, min(options.width, width), options.points)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        if options.backbone != "resnet50":
            return CompactNetwork(given, _WIDE if options.backbone == "wide" else None)
        # transformers takes seconds to import; the compact network does not need it.
        from closeup.training.pupils.backbone import BackboneNetwork, open_backbone

        resnet = open_backbone(options.weights, progress)
        return BackboneNetwork(given, resnet, freeze=options.freeze)


PointLoss = Literal["robust", "mse"]
POINT_LOSSES: tuple[str, ...] = get_args(PointLoss)

Backbone = Literal["compact", "wide", "resnet50"]
BACKBONES: tuple[str, ...] = get_args(Backbone)


@dataclass(frozen=True, slots=True)
class PupilNetworkOptions:
    """Choice of the network, its points and its loss.

    Attributes:
        points: 1 for the pupil; 3 for left corner, pupil and right corner.
        backbone: ``compact``, a small network; ``wide``, the same with six times the weights, to
            create labels for the small one; or ``resnet50``.
        weights: Weights of the ResNet: a folder, a repository that was fetched before, or
            ``none`` for random ones; None: those of ImageNet if they were fetched before.
        freeze: Keep the weights of the ResNet; only its head is trained.
        loss: Loss of the points: ``robust`` or ``mse``.
        width: Width of the network's crops, in eye distances.

    Raises:
        ValueError: a value is unknown or out of range, or does not apply to the backbone.

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
        """The peak learning rate for the backbone; lower for pretrained weights."""
        rates = {"compact": 4e-3, "wide": 3e-3}
        return rates.get(self.backbone, 1e-3 if self.freeze else 3e-4)
