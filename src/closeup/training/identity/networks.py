"""Networks that turn an aligned face into a vector of unit length."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from closeup.training.identity.options import Architecture, IdentityNetworkOptions

_WHITE = 127.5


class IdentityNetwork(nn.Module):
    """Features, then a vector of unit length.

    Args:
        options: Kind and size.

    Attributes:
        options: As given.

    """

    def __init__(self, options: IdentityNetworkOptions) -> None:
        super().__init__()
        self.options = options
        inception = options.architecture is Architecture.INCEPTION
        features, channels = (_inception if inception else _mobile)(options.width)
        self.features = features
        places = options.chip_side // 16
        self.head = (
            nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, options.dims))
            if inception
            else _depthwise_head(channels, places, options.dims)
        )

    def forward(self, pixels: Tensor) -> Tensor:
        """Vectors (n, dims) of unit length.

        Args:
            pixels: (n, 3, S, S) RGB, from -1 to 1.

        """
        return functional.normalize(self.head(self.features(pixels)))


def as_input(chips: Tensor) -> Tensor:
    """Chips (n, S, S, 3) uint8 as a network reads them: (n, 3, S, S), from -1 to 1."""
    return chips.permute(0, 3, 1, 2).float().sub_(_WHITE).div_(_WHITE)


def _conv(inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Module:
    """A convolution without bias and its normalisation."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
    )


class Bottleneck(nn.Module):
    """Expansion, depthwise convolution and linear projection (Sandler et al. 2018), with PReLU.

    Args:
        inputs: Channels of the input.
        outputs: Channels of the output.
        expansion: Channels between them, relative to the input's.
        stride: 2 halves the resolution; with 1 and equal channels the input is added.

    """

    def __init__(self, inputs: int, outputs: int, expansion: int, stride: int) -> None:
        super().__init__()
        inner = inputs * expansion
        self.change = nn.Sequential(
            _conv(inputs, inner, 1), nn.PReLU(inner),
            _conv(inner, inner, 3, stride, inner), nn.PReLU(inner),
            _conv(inner, outputs, 1),
        )  # fmt: skip
        self._added = stride == 1 and inputs == outputs

    def forward(self, features: Tensor) -> Tensor:
        """Features at the same or half the resolution."""
        changed: Tensor = self.change(features)
        return features + changed if self._added else changed


# Expansion, channels, blocks and first stride of each stage, as in the paper's table 1.
_STAGES = ((2, 64, 5, 2), (4, 128, 1, 2), (2, 128, 6, 1), (4, 128, 1, 2), (2, 128, 2, 1))


def _mobile(width: float) -> tuple[nn.Module, int]:
    """Features at a sixteenth of the resolution, and their channels."""

    def scaled(channels: int) -> int:
        return max(8, round(channels * width / 8) * 8)

    channels = scaled(64)
    parts: list[nn.Module] = [
        _conv(3, channels, 3, 2), nn.PReLU(channels),
        _conv(channels, channels, 3, 1, channels), nn.PReLU(channels),
    ]  # fmt: skip
    for expansion, outputs, blocks, stride in _STAGES:
        for number in range(blocks):
            own = scaled(outputs)
            parts.append(Bottleneck(channels, own, expansion, stride if number == 0 else 1))
            channels = own
    last = scaled(512)
    return nn.Sequential(*parts, _conv(channels, last, 1), nn.PReLU(last)), last


def _depthwise_head(channels: int, places: int, dims: int) -> nn.Module:
    """A weight for each place and channel in place of the mean, then the vector."""
    return nn.Sequential(
        nn.Conv2d(channels, channels, places, groups=channels, bias=False),
        nn.BatchNorm2d(channels),
        nn.Conv2d(channels, dims, 1, bias=False),
        nn.Flatten(),
        nn.BatchNorm1d(dims),
    )


class InceptionModule(nn.Module):
    """Convolutions of three sizes and a pooling side by side (Szegedy et al. 2015).

    Args:
        inputs: Channels of the input.
        plain: Channels of the 1×1 convolution; 0 for none.
        middle: Channels before and after the 3×3 convolution.
        large: Channels before and after the 5×5 convolution; zeros for none.
        pooled: Channels of the projection after the pooling; 0 to pass it on.
        stride: 2 halves the resolution.

    """

    def __init__(
        self,
        inputs: int,
        plain: int,
        middle: tuple[int, int],
        large: tuple[int, int],
        pooled: int,
        stride: int = 1,
    ) -> None:
        super().__init__()
        pool: list[nn.Module] = [nn.MaxPool2d(3, stride, 1)]
        if pooled:
            pool.append(_rectified(inputs, pooled, 1))
        branches: list[nn.Module] = [nn.Sequential(*pool)]
        if plain:
            branches.append(_rectified(inputs, plain, 1))
        for kernel, (before, after) in ((3, middle), (5, large)):
            if after:
                branches.append(
                    nn.Sequential(
                        _rectified(inputs, before, 1), _rectified(before, after, kernel, stride)
                    )
                )
        self.branches = nn.ModuleList(branches)
        self.channels = plain + middle[1] + large[1] + (pooled or inputs)

    def forward(self, features: Tensor) -> Tensor:
        """Features of all branches, joined."""
        return torch.cat([branch(features) for branch in self.branches], 1)


def _rectified(inputs: int, outputs: int, kernel: int, stride: int = 1) -> nn.Module:
    return nn.Sequential(_conv(inputs, outputs, kernel, stride), nn.ReLU())


# NN2's modules 3a, 3b, 3c, 4a, 4e, 5a in channels of the paper's table 2; one of each group.
_MODULES = (
    (64, (96, 128), (16, 32), 32, 1),
    (64, (96, 128), (32, 64), 64, 1),
    (0, (128, 256), (32, 64), 0, 2),
    (256, (96, 192), (32, 64), 128, 1),
    (0, (160, 256), (64, 128), 0, 2),
    (384, (192, 384), (48, 128), 128, 1),
)
_NARROW = 0.5
"""NN2's 7.5 million weights at half the channels, with fewer modules, are 1.2 million."""


def _inception(width: float) -> tuple[nn.Module, int]:
    """Features at a sixteenth of the resolution, and their channels.

    The first stride of the paper is left out for the smaller chips.
    """

    def scaled(channels: int) -> int:
        return max(4, round(channels * width * _NARROW / 4) * 4) if channels else 0

    first, second = scaled(64), scaled(192)
    parts: list[nn.Module] = [
        _rectified(3, first, 5, 2), nn.MaxPool2d(3, 2, 1),
        _rectified(first, first, 1), _rectified(first, second, 3),
    ]  # fmt: skip
    channels = second
    for plain, middle, large, pooled, stride in _MODULES:
        module = InceptionModule(
            channels, scaled(plain), (scaled(middle[0]), scaled(middle[1])),
            (scaled(large[0]), scaled(large[1])), scaled(pooled), stride,
        )  # fmt: skip
        parts.append(module)
        channels = module.channels
    return nn.Sequential(*parts), channels
