"""Random shifts, sizes, rotations and mirror images of square pictures."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from closeup.training.rng import TensorRng


@dataclass(frozen=True, slots=True)
class RandomPlacement:
    """Strengths of the geometric augmentation.

    Attributes:
        shift: Standard deviation of the shift, in shares of the result's side.
        scale: Standard deviation of the logarithm of the scale.
        rotation: Standard deviation of the rotation, in degrees.
        tumbled: Share of the pictures that are rotated by any angle instead.

    """

    shift: float
    scale: float
    rotation: float
    tumbled: float = 0.0


def placed(
    pictures: Tensor,
    side: int,
    options: RandomPlacement,
    rng: TensorRng,
    margin: float = 1.0,
    strength: Tensor | float = 1.0,
) -> Tensor:
    """Cut out the middle of pictures, each moved by its own random values, half of them mirrored.

    Args:
        pictures: (n, c, M, M) floating point.
        side: Side S of the result in pixels.
        options: Strengths of the changes.
        rng: The only source of randomness.
        margin: Width of a picture relative to what is cut out.
        strength: Factor of the standard deviations; one for each picture (n,), or for all.

    Returns:
        (n, c, S, S); beyond a picture its border is repeated.

    """
    count = len(pictures)
    angles = torch.deg2rad(rng.normal(count) * strength * options.rotation)
    tumbled = rng.chosen(options.tumbled, count)
    angles = torch.where(tumbled, rng.between(-math.pi, math.pi, count), angles)
    sizes = (rng.normal(count) * strength * options.scale).exp() / margin
    mirror = torch.where(rng.chosen(0.5, count), -1.0, 1.0)
    cosines, sines = angles.cos() * sizes, angles.sin() * sizes
    shifts = rng.normal(2, count) * strength * (2 * options.shift / margin)
    across = torch.stack([cosines * mirror, -sines, shifts[0]], 1)
    down = torch.stack([sines * mirror, cosines, shifts[1]], 1)
    return _sampled(pictures, torch.stack([across, down], 1), side)


def middle_of(pictures: Tensor, side: int, margin: float) -> Tensor:
    """Cut out the middle of pictures (n, c, M, M) without a change; (n, c, S, S)."""
    plain = torch.tensor([[1 / margin, 0, 0], [0, 1 / margin, 0]]).expand(len(pictures), 2, 3)
    return _sampled(pictures, plain, side)


def _sampled(pictures: Tensor, transforms: Tensor, side: int) -> Tensor:
    channels = pictures.shape[1]
    grid = functional.affine_grid(
        transforms, [len(pictures), channels, side, side], align_corners=False
    )
    return functional.grid_sample(pictures, grid, padding_mode="border", align_corners=False)
