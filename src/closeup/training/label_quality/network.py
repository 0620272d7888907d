"""A small network whose last step is a mean over places, so that its maps say where it looks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn

from closeup.geometry import Size

_FLAT = 8.0
"""Added to the standard deviation of a crop, so that the noise of a uniform crop stays small."""

_WHITE = 255.0

USUAL_SIZE = Size(72, 54)
"""Size of a crop in pixels."""


@dataclass(frozen=True, slots=True)
class QualityShape:
    """Sizes of the parts of the network.

    Attributes:
        size: Size of a crop in pixels.
        channels: Channels at 1/2, 1/4 and 1/8 of the crop's resolution.
        depth: Residual blocks at 1/4 and at 1/8.

    Raises:
        ValueError: the crop is smaller than 16 pixels.

    """

    size: Size = USUAL_SIZE
    channels: tuple[int, int, int] = (16, 32, 64)
    depth: int = 1

    def __post_init__(self) -> None:
        if min(self.size) < 16:
            raise ValueError(f"a crop needs at least 16 pixels each way, not {self.size}")


class Judged(NamedTuple):
    """What the network says of n labels.

    Attributes:
        logits: (n,) log odds that a label is wrong.
        maps: (n, h, w) class activation maps; the mean of a map, plus a constant, is the logit.

    """

    logits: Tensor
    maps: Tensor


class QualityCnn(nn.Module):
    """Three strides of 2 with residual blocks, then one map and its mean (Zhou et al. 2016).

    Each crop is standardised, so that dark and bright pictures look alike; the mark is not.

    Args:
        shape: Sizes of its parts; None: the default sizes.

    """

    def __init__(self, shape: QualityShape | None = None) -> None:
        super().__init__()
        self.shape = shape or QualityShape()
        channels = self.shape.channels
        stages = [
            nn.Sequential(
                _block(inputs, outputs, stride=2),
                *[_Residual(outputs) for _ in range(self.shape.depth)],
            )
            for inputs, outputs in pairwise(channels)
        ]
        self.features = nn.Sequential(_block(4, channels[0], stride=2), *stages)
        self.evidence = nn.Conv2d(channels[-1], 1, 1, bias=False)
        self.constant = nn.Parameter(torch.zeros(1))

    def forward(self, crops: Tensor) -> Judged:
        """Judge labels.

        Args:
            crops: (n, H, W, 4) RGB and mark, 0 … 255, of any dtype.

        """
        maps = self.evidence(self.features(_standardised(crops)))[:, 0]
        return Judged(maps.mean((1, 2)) + self.constant, maps)

    @torch.no_grad()
    def rescale(self, slope: float, offset: float) -> None:
        """Make ``slope`` · logit + ``offset`` the logit, and scale the maps along.

        Raises:
            ValueError: the slope is not positive, or a number is not finite.

        """
        if not (0 < slope < math.inf and math.isfinite(offset)):
            raise ValueError(f"logits cannot be rescaled by {slope} and {offset}")
        self.evidence.weight.mul_(slope)
        self.constant.mul_(slope).add_(offset)


def _standardised(crops: Tensor) -> Tensor:
    """(n, 4, H, W): the picture with mean 0 and standard deviation of about 1, the mark 0 … 1."""
    channels = crops.float().permute(0, 3, 1, 2)
    pixels, mark = channels[:, :3], channels[:, 3:]
    centred = pixels - pixels.mean((1, 2, 3), keepdim=True)
    deviation = centred.square().mean((1, 2, 3), keepdim=True).sqrt()
    return torch.cat([centred / (deviation + _FLAT), mark / _WHITE], 1)


class _Residual(nn.Module):
    """Two convolutions beside an identity."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.change = nn.Sequential(_block(channels, channels), _block(channels, channels))

    def forward(self, features: Tensor) -> Tensor:
        changed: Tensor = features + self.change(features)
        return changed


def _block(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()
    )
