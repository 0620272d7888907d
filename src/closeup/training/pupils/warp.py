"""From a stored crop straight into a network's input, points and all.

Stored crops are wider than the input where they were cut for training, so that a moved or
turned input shows what is really there; where they are not, pixels of the border are repeated.
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
    """Where the inputs of n eyes are cut out of their crops.

    Attributes:
        scale: (n,) eye distances of the crop in one of the input; above 1 the eye is smaller.
        angle: (n,) radians by which the input is turned, clockwise as seen on a screen.
        shift: (n, 2) of the input's middle from the crop's middle, in eye distances of the crop.

    """

    scale: Tensor
    angle: Tensor
    shift: Tensor

    @classmethod
    def plain(cls, count: int) -> Placement:
        """In the middle, upright, of its own size."""
        return cls(torch.ones(count), torch.zeros(count), torch.zeros(count, 2))


Sources = Callable[[Tensor], Tensor]
"""Says where in a crop to take what is to be seen at places (n, p, 2) of it, in eye distances."""


def cut(
    crops: Tensor,
    extent: Extent,
    given: EyeInput,
    placement: Placement,
    sources: Sources | None = None,
) -> Tensor:
    """Cut inputs out of crops, bilinearly.

    Args:
        crops: (n, H, W) grey, 0 … 255.
        extent: Width and height of the crops, in eye distances.
        given: What to cut.
        placement: Where.
        sources: Moves what is in the crop; nothing by default.

    Returns:
        (n, given height, given width) float32, 0 … 255.

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
    """Where points (n, k, 2) of the crops are in the inputs of :func:`cut`.

    Args:
        points: As shares of the crops' sides, as is the result of the inputs' sides.
        extent: As for :func:`cut`, and so is the rest.
        given: What is cut.
        placement: Where.

    """
    linear, middle = _to_crop(extent, given, placement)
    inverse: Tensor = torch.linalg.inv(linear)
    return (points - middle) @ inverse.mT + 0.5


def _to_crop(extent: Extent, given: EyeInput, placement: Placement) -> tuple[Tensor, Tensor]:
    """The way from the input to the crop, both in shares of their sides.

    Returns:
        ``linear`` (n, 2, 2) and ``middle`` (n, 1, 2): crop = linear @ (input - 0.5) + middle.

    """
    cosine, sine = placement.angle.cos(), placement.angle.sin()
    turn = torch.stack([cosine, -sine, sine, cosine], -1).reshape(-1, 2, 2)
    linear = placement.scale[:, None, None] * turn * torch.tensor(given.extent)
    sides = torch.tensor(extent)
    return linear / sides[:, None], 0.5 + (placement.shift / sides)[:, None]
