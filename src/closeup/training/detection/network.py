"""A compact single-stage detector: class scores and a box for each cell of a pyramid.

Convolutions are plain, because depthwise ones are memory-bound on a CPU: YuNet-n, which uses
them, takes somewhat longer in onnxruntime with less than a quarter of the weights. Most of the
time is spent at strides 2 to 8, which detect small faces, as Guo et al. 2021 recommend
("Sample and computation redistribution for efficient face detection"), and most of the weights
are at strides 16 and 32, where they take little time.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from closeup.training.detection.options import DetectionTask, DetectorShape

_USUAL_OBJECTS, _USUAL_SIDE = 5, 640
"""Expected objects per level in a picture of that side in pixels, for the initial scores."""

_USUAL_BOX = 2.5
"""Side of a box predicted by an untrained network, in cells."""

_POOL = 5
"""Side in cells of the max pooling on the coarsest level, applied three times."""


class Answer(NamedTuple):
    """Outputs of a network for n pictures, per cell, as losses and decoding take them.

    The N cells are ordered from the finest level on, row by row.

    Attributes:
        classes: (n, C, N) logits.
        boxes: (n, 4, N) centre x and y from the cell's centre, in cells; logarithms of width
            and height in cells.
        points: (n, 3k, N) for each key point x and y from the cell's centre, in cells, and the
            logit of visibility.

    """

    classes: Tensor
    boxes: Tensor
    points: Tensor


class DetectionNetwork(nn.Module):
    """Backbone, feature pyramid (Lin et al. 2017) and decoupled heads (Ge et al. 2021).

    Args:
        task: Classes and key points to detect.
        shape: Sizes of its parts.

    """

    def __init__(self, task: DetectionTask, shape: DetectorShape) -> None:
        super().__init__()
        self.task, self.shape = task, shape
        self.stem = _block(3, shape.channels[0], stride=2)
        self.stages = nn.ModuleList(
            _stage(inputs, outputs, depth)
            for (inputs, outputs), depth in zip(pairwise(shape.channels), shape.depths, strict=True)
        )
        self.context = _Context(shape.channels[-1])
        self.neck = _Pyramid(shape.channels[-len(shape.neck) :], shape.neck)
        self.heads = nn.ModuleList(
            _DetectionHead(width, task, stride)
            for width, stride in zip(shape.neck, shape.strides, strict=True)
        )

    @property
    def strides(self) -> tuple[int, ...]:
        """Strides of the levels in pixels, the finest first."""
        return self.shape.strides

    def forward(self, images: Tensor) -> Answer:
        """Predict classes, boxes and points of all cells.

        Args:
            images: (n, 3, H, W) RGB, 0 … 1; H and W multiples of 32.

        """
        features = self.stem(images)
        levels = []
        for stage in self.stages:
            features = stage(features)
            levels.append(features)
        levels[-1] = self.context(levels[-1])
        pyramid = self.neck(levels[-len(self.heads) :])
        outputs = [head(level) for head, level in zip(self.heads, pyramid, strict=True)]
        return Answer(*(torch.cat(parts, 2) for parts in zip(*outputs, strict=True)))


def as_input(images: Tensor) -> Tensor:
    """Convert pictures uint8 (n, 3, H, W) to the network's input, float32 0 … 1."""
    return images.float() / 255


class _Residual(nn.Module):
    """One residual convolution (He et al. 2016)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.change = _block(channels, channels)

    def forward(self, features: Tensor) -> Tensor:
        changed: Tensor = features + self.change(features)
        return changed


class _Context(nn.Module):
    """Widens the receptive field of the coarsest level by SPPF (after He et al. 2015)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.squeeze = _block(channels, channels // 2, 1)
        self.join = _block(channels // 2 * 4, channels, 1)

    def forward(self, features: Tensor) -> Tensor:
        seen = [self.squeeze(features)]
        for _ in range(3):
            seen.append(functional.max_pool2d(seen[-1], _POOL, 1, _POOL // 2))
        joined: Tensor = self.join(torch.cat(seen, 1))
        return joined


class _Pyramid(nn.Module):
    """Adds coarse features to finer levels; the heads' convolutions smooth the sum."""

    def __init__(self, inputs: tuple[int, ...], widths: tuple[int, ...]) -> None:
        super().__init__()
        self.across = nn.ModuleList(_block(*pair, 1) for pair in zip(inputs, widths, strict=True))
        self.down = nn.ModuleList(_block(coarse, fine, 1) for fine, coarse in pairwise(widths))

    def forward(self, levels: list[Tensor]) -> list[Tensor]:
        found = [across(level) for across, level in zip(self.across, levels, strict=True)]
        for fine in reversed(range(len(self.down))):
            coarse = self.down[fine](found[fine + 1])
            found[fine] = found[fine] + functional.interpolate(coarse, scale_factor=2.0)
        return found


class _DetectionHead(nn.Module):
    """Class, box and points of each cell of one level, in separate branches for class and place."""

    def __init__(self, width: int, task: DetectionTask, stride: int) -> None:
        super().__init__()
        self._parts = [4, 3 * task.points]
        self.what, self.where = _block(width, width), _block(width, width)
        self.classes = nn.Conv2d(width, len(task.names), 1)
        self.places = nn.Conv2d(width, sum(self._parts), 1)
        # Otherwise the first steps would be spent on learning that nearly all is background.
        expected = _USUAL_OBJECTS / len(task.names) / (_USUAL_SIDE / stride) ** 2
        _begin_with(self.classes, torch.full((len(task.names),), expected).logit())
        places = torch.zeros(sum(self._parts))
        places[2:4] = math.log(_USUAL_BOX)
        _begin_with(self.places, places)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        classes = self.classes(self.what(features)).flatten(2)
        boxes, points = self.places(self.where(features)).flatten(2).split(self._parts, 1)
        return classes, boxes, points


def _begin_with(layer: nn.Conv2d, biases: Tensor) -> None:
    """Initialise a layer so that its outputs are close to ``biases`` everywhere."""
    nn.init.normal_(layer.weight, std=0.01)
    layer.bias = nn.Parameter(biases)


def _stage(inputs: int, outputs: int, depth: int) -> nn.Sequential:
    """Halve the resolution, then apply ``depth`` residual convolutions."""
    return nn.Sequential(
        _block(inputs, outputs, stride=2), *[_Residual(outputs) for _ in range(depth)]
    )


def _block(inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )
