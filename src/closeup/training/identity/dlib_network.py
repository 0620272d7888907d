"""dlib's face embedding as a network that can be trained further, whole or with fewer channels.

The topology is that of ``anet_type`` in dlib's ``examples/dnn_face_recognition_ex.cpp``; its
affines are part of the convolutions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from closeup.models.dlib_weights import Affine, Convolution, DlibNetwork, Linear

_HALF_WHITE, _SCALE = 127.5, 256.0

Rows = NDArray[np.int64]


class DlibBlock(nn.Module):
    """Two convolutions beside the input, which is halved if the first one has a stride.

    Args:
        first: Reads the input.
        second: Reads what the first one gives.

    """

    def __init__(self, first: nn.Conv2d, second: nn.Conv2d) -> None:
        super().__init__()
        self.first, self.second = first, second
        self._halved = first.stride[0] == 2

    def forward(self, features: Tensor) -> Tensor:
        """Features at the same or half the resolution; what lacks to a sum is zero, as in dlib."""
        branch = self.second(functional.relu(self.first(features)))
        if self._halved:
            features = functional.avg_pool2d(features, 2)
            lacking = branch.shape[1] - features.shape[1]
            features = functional.pad(features, (0, 0, 0, 0, 0, lacking))
            rows = features.shape[2] - branch.shape[2]
            branch = functional.pad(branch, (0, rows, 0, rows))
        return functional.relu(branch + features)


class DlibShapedNetwork(nn.Module):
    """A residual network with the shape of dlib's, whose vectors have unit length.

    Args:
        convolutions: The stem, which reads colours from -1 to 1, then the pairs of the blocks.
        matrix: (channels, dims), the last product.
        channels: Which channels of dlib's network the sum after each block has.

    Attributes:
        channels: As given.

    """

    def __init__(
        self,
        convolutions: Sequence[Convolution],
        matrix: NDArray[np.float32],
        channels: Sequence[Rows],
    ) -> None:
        super().__init__()
        self.channels = tuple(channels)
        stem, *rest = map(_module, convolutions)
        self.stem = stem
        self.blocks = nn.Sequential(
            *(DlibBlock(*pair) for pair in zip(rest[::2], rest[1::2], strict=True))
        )
        self.head = nn.Linear(matrix.shape[0], matrix.shape[1], bias=False)
        with torch.no_grad():
            self.head.weight.copy_(torch.from_numpy(matrix.T.copy()))

    def forward(self, pixels: Tensor) -> Tensor:
        """Vectors (n, dims) of unit length.

        Args:
            pixels: (n, 3, 150, 150) RGB, from -1 to 1.

        """
        return self.described(pixels)[1]

    def described(self, pixels: Tensor) -> tuple[list[Tensor], Tensor]:
        """The features after each block, (n, channels, H, W), and the vectors."""
        features = functional.max_pool2d(functional.relu(self.stem(pixels)), 3, 2)
        every = []
        for block in self.blocks:
            features = block(features)
            every.append(features)
        return every, functional.normalize(self.head(features.mean((2, 3))))


def trainable_dlib(network: DlibNetwork, width: float = 1.0) -> DlibShapedNetwork:
    """Make dlib's network trainable.

    Args:
        network: Its parameters.
        width: Share of the channels that are kept, those with the largest weights; the network
            must learn to do without the others.

    Raises:
        ValueError: ``width`` is not above 0, or above 1.

    """
    if not 0 < width <= 1:
        raise ValueError(f"width must be above 0 and at most 1 for dlib's network, not {width}")
    stem, *rest = _folded(network)
    middle = (_HALF_WHITE - network.averages.astype(np.float64)) / _SCALE
    convolutions = [stem.of_scaled(_HALF_WHITE / _SCALE, middle), *rest]
    (matrix,) = (layer.matrix for layer in network.layers if isinstance(layer, Linear))
    chosen, channels = _pruned(convolutions, width)
    return DlibShapedNetwork(chosen, matrix[channels[-1]], channels)


def _module(layer: Convolution) -> nn.Conv2d:
    outputs, inputs, *kernel = layer.weights.shape
    module = nn.Conv2d(inputs, outputs, (kernel[0], kernel[1]), layer.stride, layer.padding)
    with torch.no_grad():
        module.weight.copy_(torch.from_numpy(layer.weights))
        assert module.bias is not None  # noqa: S101 - as nn.Conv2d makes it
        module.bias.copy_(torch.from_numpy(layer.bias))
    return module


def _folded(network: DlibNetwork) -> Iterator[Convolution]:
    """The convolutions, each with the affine that follows it."""
    last: Convolution | None = None
    for layer in network.layers:
        if isinstance(layer, Convolution):
            last = layer
        elif isinstance(layer, Affine) and last is not None:
            yield last.with_affine(layer)
            last = None


def _pruned(layers: list[Convolution], width: float) -> tuple[list[Convolution], list[Rows]]:
    """The convolutions with fewer channels, and the kept channels of the sum after each block.

    The channels of the sums are those of all blocks of a resolution; a block that halves adds some
    after those before it, so that earlier channels are kept in later sums as well.
    """
    stem, *rest = layers
    pairs = list(zip(rest[::2], rest[1::2], strict=True))
    strength = _strength(stem, pairs)
    stream = _largest(strength, 0, len(stem.weights), width)
    made, streams = [_chosen(stem, stream, np.arange(stem.weights.shape[1]))], []
    for first, second in pairs:
        before, channels = stream, len(second.weights)
        known = first.weights.shape[1]
        if channels > known:
            stream = np.concatenate([stream, _largest(strength, known, channels, width)])
        inner = _largest(_norms(first) * _readers(second), 0, len(first.weights), width)
        made += [_chosen(first, inner, before), _chosen(second, stream, inner)]
        streams.append(stream)
    return made, streams


def _strength(
    stem: Convolution, pairs: Sequence[tuple[Convolution, Convolution]]
) -> NDArray[np.float64]:
    """Sum of the norms of all that is written to each channel of the sums."""
    total = np.zeros(max(len(second.weights) for _, second in pairs))
    for layer in (stem, *(second for _, second in pairs)):
        total[: len(layer.weights)] += _norms(layer)
    return total


def _norms(layer: Convolution) -> NDArray[np.float64]:
    """Norm of the weights of each output."""
    return np.asarray(np.sqrt((layer.weights.astype(np.float64) ** 2).sum((1, 2, 3))))


def _readers(layer: Convolution) -> NDArray[np.float64]:
    """Norm of the weights that read each input."""
    return np.asarray(np.sqrt((layer.weights.astype(np.float64) ** 2).sum((0, 2, 3))))


def _largest(strength: NDArray[np.float64], begin: int, end: int, width: float) -> Rows:
    """The strongest channels of a range, in their order, a multiple of four."""
    count = min(end - begin, max(4, round((end - begin) * width / 4) * 4))
    order = np.argsort(-strength[begin:end], kind="stable")[:count]
    return np.sort(order).astype(np.int64) + begin


def _chosen(layer: Convolution, outputs: Rows, inputs: Rows) -> Convolution:
    return Convolution(
        np.ascontiguousarray(layer.weights[outputs][:, inputs]),
        layer.bias[outputs], layer.stride, layer.padding,
    )  # fmt: skip
