"""Random changes of candidates: place, size, rotation, mirror, light, colour and sharpness."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn import functional

from closeup.training.photography import Photography, photographed
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
    pictures = _moved(pictures, side, options, rng)
    gains = rng.normal(len(pictures), 3, 1, 1).mul_(options.colour).exp_()
    pictures.mul_(gains).clamp_(0, 1)
    grey = rng.chosen(options.grey, len(pictures))
    pictures[grey] = pictures[grey].mean(1, keepdim=True)
    pictures = photographed(pictures, options.photography, rng)
    return pictures.mul_(255).round_().to(torch.uint8).permute(0, 2, 3, 1)


def without_margin(crops: Tensor, side: int) -> Tensor:
    """Return the middle of crops (n, M, M, 3) uint8 as the network sees it; (n, S, S, 3) uint8."""
    pictures = crops.permute(0, 3, 1, 2).float()
    plain = torch.tensor([[1 / MARGIN, 0, 0], [0, 1 / MARGIN, 0]]).expand(len(crops), 2, 3)
    return _sampled(pictures, plain, side).round_().to(torch.uint8).permute(0, 2, 3, 1)


def _moved(pictures: Tensor, side: int, options: RescorerAugmentation, rng: TensorRng) -> Tensor:
    count = len(pictures)
    angles = torch.deg2rad(rng.normal(count) * options.rotation)
    tumbled = rng.chosen(options.tumbled, count)
    angles = torch.where(tumbled, rng.between(-math.pi, math.pi, count), angles)
    sizes = (rng.normal(count) * options.scale).exp() / MARGIN
    mirror = torch.where(rng.chosen(0.5, count), -1.0, 1.0)
    cosines, sines = angles.cos() * sizes, angles.sin() * sizes
    shifts = rng.normal(2, count) * (2 * options.shift / MARGIN)
    across = torch.stack([cosines * mirror, -sines, shifts[0]], 1)
    down = torch.stack([sines * mirror, cosines, shifts[1]], 1)
    return _sampled(pictures, torch.stack([across, down], 1), side)


def _sampled(pictures: Tensor, transforms: Tensor, side: int) -> Tensor:
    grid = functional.affine_grid(transforms, [len(pictures), 3, side, side], align_corners=False)
    return functional.grid_sample(pictures, grid, padding_mode="border", align_corners=False)
