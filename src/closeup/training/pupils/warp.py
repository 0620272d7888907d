"""Warp from a stored crop into a network's input, with its points.

Crops stored for training are wider than the input, so that a shifted or rotated input shows real
pixels; where a crop is too small, the pixels of its border are repeated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from closeup.training.pupils.network import EyeInput

Extent = tuple[float, float]
"""Width and height in eye distances."""


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """Scale, rotation and shift of n inputs in their crops.

    Attributes:
        scale: (n,) eye distances of the crop per eye distance of the input; above 1, the eye
            becomes smaller.
        angle: (n,) rotation of the input in radians, clockwise as seen on a screen.
        shift: (n, 2) x, y of the input's centre from the crop's, in eye distances of the crop.

    """

    scale: Tensor
    angle: Tensor
    shift: Tensor

    @classmethod
    def plain(cls, count: int) -> Placement:
        """Centred, without rotation or scaling."""
        return cls(torch.ones(count), torch.zeros(count), torch.zeros(count, 2))


Sources = Callable[[Tensor], Tensor]
"""Maps target positions (n, p, 2) in a crop to the source positions to sample; eye distances."""


def cut(
    crops: Tensor,
    extent: Extent,
    given: EyeInput,
    placement: Placement,
    sources: Sources | None = None,
) -> Tensor:
    """Cut inputs out of crops, with bilinear interpolation.

    Args:
        crops: (n, H, W) grey, 0 … 255.
        extent: Width and height of the crops, in eye distances.
        given: The inputs to cut.
        placement: Scale, rotation and shift of the inputs.
        sources: A warp of the crop before cutting; None: no warp.

    Returns:
        (n, height, width) of ``given.size``, float32, 0 … 255.

    """
    columns, rows = given.size
    y, x = torch.meshgrid(
        (torch.arange(rows) + 0.5) / rows, (torch.arange(columns) + 0.5) / columns, indexing="ij"
    )
    shares = torch.stack([x, y], -1).reshape(1, -1, 2)
    linear, middle = _to_crop(extent, given, placement)
    places = (shares - 0.5) @ linear.mT + middle
    if sources:
        sides = torch.tensor(extent)
        places = sources(places * sides) / sides
    pixels: Tensor = functional.grid_sample(
        crops[:, None].float(),
        (places * 2 - 1).reshape(len(crops), rows, columns, 2),
        padding_mode="border",
        align_corners=False,
    )
    return pixels[:, 0]


def moved(points: Tensor, extent: Extent, given: EyeInput, placement: Placement) -> Tensor:
    """Positions (n, k, 2) of points in the inputs of :func:`cut`, as fractions of their sides.

    Args:
        points: (n, k, 2) x, y as fractions of the crops' sides.
        extent: Width and height of the crops, in eye distances.
        given: The inputs.
        placement: Scale, rotation and shift of the inputs.

    """
    linear, middle = _to_crop(extent, given, placement)
    inverse: Tensor = torch.linalg.inv(linear)
    return (points - middle) @ inverse.mT + 0.5


def restored(points: Tensor, extent: Extent, given: EyeInput, placement: Placement) -> Tensor:
    """The inverse of :func:`moved`: positions (n, k, 2) from inputs back to their crops."""
    linear, middle = _to_crop(extent, given, placement)
    return (points - 0.5) @ linear.mT + middle


def _to_crop(extent: Extent, given: EyeInput, placement: Placement) -> tuple[Tensor, Tensor]:
    """The affine map from input to crop, both in fractions of their sides.

    Returns:
        ``linear`` (n, 2, 2) and ``middle`` (n, 1, 2): crop = linear @ (input - 0.5) + middle.

    """
    cosine, sine = placement.angle.cos(), placement.angle.sin()
    turn = torch.stack([cosine, -sine, sine, cosine], -1).reshape(-1, 2, 2)
    linear = placement.scale[:, None, None] * turn * torch.tensor(given.extent)
    sides = torch.tensor(extent)
    return linear / sides[:, None], 0.5 + (placement.shift / sides)[:, None]
