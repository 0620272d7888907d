"""Random changes of candidates: place, size, rotation, mirror, light, colour and sharpness."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from closeup.training.photography import Photography, coloured, photographed
from closeup.training.placement import RandomPlacement, middle_of, placed
from closeup.training.rescoring.samples import MARGIN
from closeup.training.rng import TensorRng


@dataclass(frozen=True, slots=True)
class RescorerAugmentation:
    """Strengths of the augmentation.

    Attributes:
        shift: Standard deviation of the shift, in shares of the crop's side.
        scale: Standard deviation of the logarithm of the scale.
        rotation: Standard deviation of the rotation, in degrees.
        tumbled: Share of the crops that are rotated by any angle instead.
        colour: Standard deviation of the logarithm of each channel's gain: coloured light.
        grey: Share of the crops without colour.
        photography: Light, blur, resolution, noise and compression.

    """

    shift: float = 0.03
    scale: float = 0.08
    rotation: float = 10.0
    tumbled: float = 0.08
    colour: float = 0.2
    grey: float = 0.1
    photography: Photography = field(
        default_factory=lambda: Photography(
            gamma=0.25, slope=0.2, blurred=0.2, blur=(0.4, 1.4), coarse=0.25,
            coarseness=(0.4, 0.9), compressed=0.15, quality=(30, 90), noise=0.04,
        )
    )  # fmt: skip


def augmented(crops: Tensor, side: int, options: RescorerAugmentation, rng: TensorRng) -> Tensor:
    """Augment crops, each with its own random values.

    Args:
        crops: (n, M, M, 3) RGB uint8, cut with a margin.
        side: Side S of the result in pixels.
        options: Strengths of the changes.
        rng: The only source of randomness.

    Returns:
        (n, S, S, 3) RGB uint8, without the margin.

    """
    pictures = crops.permute(0, 3, 1, 2).float().div_(255)
    placement = RandomPlacement(options.shift, options.scale, options.rotation, options.tumbled)
    pictures = placed(pictures, side, placement, rng, MARGIN)
    coloured(pictures, options.colour, options.grey, rng)
    pictures = photographed(pictures, options.photography, rng)
    return pictures.mul_(255).round_().to(torch.uint8).permute(0, 2, 3, 1)


def without_margin(crops: Tensor, side: int) -> Tensor:
    """Return the middle of crops (n, M, M, 3) uint8 as the network sees it; (n, S, S, 3) uint8."""
    pictures = crops.permute(0, 3, 1, 2).float()
    return middle_of(pictures, side, MARGIN).round_().to(torch.uint8).permute(0, 2, 3, 1)
