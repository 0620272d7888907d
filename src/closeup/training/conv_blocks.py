"""Convolutions that small networks share."""

from __future__ import annotations

from torch import Tensor, nn


class ResidualBlock(nn.Module):
    """Two convolutions beside an identity.

    Args:
        channels: Channels of input and output.

    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.change = nn.Sequential(conv_block(channels, channels), conv_block(channels, channels))

    def forward(self, features: Tensor) -> Tensor:
        """Features of the same shape."""
        changed: Tensor = features + self.change(features)
        return changed


def conv_block(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """A 3×3 convolution without bias, batch normalisation, and a rectifier."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()
    )
