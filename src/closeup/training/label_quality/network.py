"""A small network whose last step is a mean over places, so that its maps say where it looks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from closeup.geometry import Size
from closeup.training.conv_blocks import ResidualBlock, conv_block

_FLAT = 8.0
"""Added to the standard deviation of a crop, so that the noise of a uniform crop stays small."""

_WHITE = 255.0

USUAL_SIZE = Size(72, 54)
"""Size of a crop in pixels."""

NEAR = 0.05
"""Distance from the label, in widths of the crop, up to which evidence grows quadratically."""

_FIRST = -1.5
"""Constant of an untrained network: labels on the right place are good."""


@dataclass(frozen=True, slots=True)
class QualityShape:
    """Sizes of the parts of the network.

    Attributes:
        size: Size of a crop in pixels.
        channels: Channels at 1/2, 1/4 and 1/8 of the crop's resolution.
        hidden: Channels of the evidence that is weighed without attention.

    Raises:
        ValueError: the crop is smaller than 16 pixels.

    """

    size: Size = USUAL_SIZE
    channels: tuple[int, int, int] = (16, 32, 64)
    hidden: int = 32

    def __post_init__(self) -> None:
        if min(self.size) < 16:
            raise ValueError(f"a crop needs at least 16 pixels each way, not {self.size}")


class Judged(NamedTuple):
    """What the network says of n labels.

    Attributes:
        logits: (n,) log odds that a label is wrong.
        maps: (n, h, w) class activation maps; the mean of a map, plus a constant, is the logit.
        focus: (n, 2) where it takes the middle of a right label to be: x and y from the middle of
            the crop, in widths of the crop.

    """

    logits: Tensor
    maps: Tensor
    focus: Tensor


class QualityCnn(nn.Module):
    """Finds where the label should be, and weighs how far that is from where it is.

    Convolutions see the picture alone, in grey. Their attention, a softmax over all places, is
    weighed by each place's distance from the middle of the mark; other evidence, of the picture and
    the mark of each place, is added. The mean of the sum over all places, plus a constant, is the
    logit, so that the sum is the class activation map of Zhou et al. 2016.

    Args:
        shape: Sizes of its parts; None: the default sizes.

    """

    def __init__(self, shape: QualityShape | None = None) -> None:
        super().__init__()
        self.shape = shape or QualityShape()
        half, quarter, eighth = self.shape.channels
        self.fine = nn.Sequential(
            conv_block(1, half, stride=2),
            conv_block(half, quarter, stride=2),
            ResidualBlock(quarter),
        )
        self.coarse = nn.Sequential(
            conv_block(quarter, eighth, stride=2),
            ResidualBlock(eighth),
            nn.Conv2d(eighth, quarter, 1),
        )
        self.mixed = conv_block(quarter, quarter)
        self.attention = nn.Conv2d(quarter, 1, 1)
        self.weights = nn.Conv2d(quarter, 2, 1)
        self.evidence = nn.Sequential(
            nn.Conv2d(quarter + 4, self.shape.hidden, 1),
            nn.ReLU(),
            nn.Conv2d(self.shape.hidden, 1, 1, bias=False),
        )
        self.slope: Tensor
        self.register_buffer("slope", torch.ones(1))
        self.constant = nn.Parameter(torch.full((1,), _FIRST))

    def forward(self, crops: Tensor) -> Judged:
        """Judge labels.

        Args:
            crops: (n, H, W, 4) RGB and mark, 0 … 255, of any dtype.

        """
        pixels, mark = _standardised(crops)
        fine = self.fine(pixels)
        size = (fine.shape[2], fine.shape[3])
        coarse = functional.interpolate(self.coarse(fine), size, mode="bilinear")
        features = self.mixed(fine + coarse)
        places = _places(size, self.shape.size, crops.device)
        looked = self.attention(features).flatten(2).softmax(2).reshape(-1, 1, *size)
        focus = (looked * places).sum((2, 3))
        offsets = places - _middle(mark, self.shape.size)
        far = ((offsets / NEAR).square().sum(1, keepdim=True) + 1).sqrt() - 1
        weights = self.weights(features)
        attended = weights[:, :1] + functional.softplus(weights[:, 1:] + 1) * far
        small = functional.adaptive_avg_pool2d(mark, size)
        near = self.evidence(torch.cat([features, small, 8 * offsets, far], 1))
        maps = self.slope * (looked * (size[0] * size[1]) * attended + near)[:, 0]
        return Judged(maps.mean((1, 2)) + self.constant, maps, focus)

    @torch.no_grad()
    def rescale(self, slope: float, offset: float) -> None:
        """Make ``slope`` · logit + ``offset`` the logit, and scale the maps along.

        Raises:
            ValueError: the slope is not positive, or a number is not finite.

        """
        if not (0 < slope < math.inf and math.isfinite(offset)):
            raise ValueError(f"logits cannot be rescaled by {slope} and {offset}")
        self.slope.mul_(slope)
        self.constant.mul_(slope).add_(offset)


def _standardised(crops: Tensor) -> tuple[Tensor, Tensor]:
    """Grey of mean 0 and standard deviation of about 1, and the mark, 0 … 1; (n, 1, H, W)."""
    channels = crops.float().permute(0, 3, 1, 2)
    grey, mark = channels[:, :3].mean(1, keepdim=True), channels[:, 3:]
    centred = grey - grey.mean((2, 3), keepdim=True)
    deviation = centred.square().mean((2, 3), keepdim=True).sqrt()
    return centred / (deviation + _FLAT), mark / _WHITE


def _places(size: tuple[int, int], crop: Size, device: torch.device) -> Tensor:
    """(1, 2, h, w) x and y of each place from the middle, in widths of the crop."""
    rows, columns = size
    x = (torch.arange(columns, device=device) + 0.5) / columns - 0.5
    y = ((torch.arange(rows, device=device) + 0.5) / rows - 0.5) * (crop.height / crop.width)
    return torch.stack([x.expand(rows, columns), y[:, None].expand(rows, columns)])[None]


def _middle(mark: Tensor, crop: Size) -> Tensor:
    """(n, 2, 1, 1) mean place of the mark; the middle of the crop without a mark."""
    places = _places((mark.shape[2], mark.shape[3]), crop, mark.device)
    total = mark.sum((2, 3), keepdim=True) + 1e-3
    middle: Tensor = (mark * places).sum((2, 3), keepdim=True) / total
    return middle
