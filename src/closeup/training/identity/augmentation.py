"""Random changes of aligned faces: what alignment leaves over, and what a stage does to a face."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from closeup.training.photography import Photography, coloured, photographed
from closeup.training.placement import RandomPlacement, placed
from closeup.training.rng import TensorRng

_WHITE = 255.0


@dataclass(frozen=True, slots=True)
class FaceAugmentation:
    """Strengths of the augmentation.

    Attributes:
        placement: Errors of the alignment.
        colour: Standard deviation of the logarithm of each channel's gain: coloured light.
        grey: Share of the faces without colour.
        hidden: Share of the faces of which a random patch is covered.
        photography: Light, blur, resolution, noise and compression.

    """

    placement: RandomPlacement = field(default_factory=lambda: RandomPlacement(0.015, 0.03, 3.0))
    colour: float = 0.05
    grey: float = 0.1
    hidden: float = 0.0
    photography: Photography = field(
        default_factory=lambda: Photography(
            gamma=0.15, slope=0.1, blurred=0.1, blur=(0.4, 1.2), coarse=0.15,
            coarseness=(0.5, 0.9), compressed=0.1, quality=(40, 95), noise=0.02,
        )
    )  # fmt: skip


STAGE = FaceAugmentation(
    placement=RandomPlacement(0.03, 0.06, 6.0),
    colour=0.25,
    grey=0.1,
    hidden=0.1,
    photography=Photography(
        gamma=0.45, slope=0.25, blurred=0.6, blur=(0.5, 3.0), coarse=0.8,
        coarseness=(0.12, 0.6), compressed=0.5, quality=(15, 80), noise=0.08,
    ),
)  # fmt: skip
"""Faces as on a stage: small, blurred, dark, coloured, compressed."""


def augmented(chips: Tensor, options: FaceAugmentation, rng: TensorRng) -> Tensor:
    """Augment faces, each with its own random values; half of them are mirrored.

    Args:
        chips: (n, S, S, 3) RGB uint8.
        options: Strengths of the changes.
        rng: The only source of randomness.

    Returns:
        (n, S, S, 3) RGB uint8.

    """
    pictures = chips.permute(0, 3, 1, 2).float().div_(_WHITE)
    pictures = placed(pictures, pictures.shape[-1], options.placement, rng)
    coloured(pictures, options.colour, options.grey, rng)
    _cover(pictures, rng.chosen(options.hidden, len(pictures)), rng)
    pictures = photographed(pictures, options.photography, rng)
    return pictures.mul_(_WHITE).round_().to(torch.uint8).permute(0, 2, 3, 1)


def _cover(pictures: Tensor, chosen: Tensor, rng: TensorRng) -> None:
    """Cover a random rectangle of one colour, of a tenth to a half of the side, in some."""
    side = pictures.shape[-1]
    for row in chosen.nonzero()[:, 0].tolist():
        across, down = (rng.between(0.1, 0.5, 2) * side).int().tolist()
        x, y = (rng.between(0, 1, 2) * side).int().tolist()
        colour = rng.between(0, 1, 3, 1, 1)
        pictures[row, :, y : y + down, x : x + across] = colour
