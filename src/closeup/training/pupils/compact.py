"""The compact network: a heatmap for each point at a quarter of the crop's resolution.

Four strides of 2 and skip connections back to 1/4, as in U-Net (Ronneberger et al. 2015); the
point is the mean of its heatmap, the soft-argmax of Sun et al. 2018 ("Integral human pose
regression"), which has sub-pixel precision. Most of the weights are at 1/16 of the resolution,
where the receptive field covers the whole eye and its surroundings at little cost.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from closeup.training.pupils.network import EyeAnswer, EyeInput, PupilNetwork

_STRIDE = 4
"""Pixels of the crop per pixel of the heatmap."""

_FLAT = 4.0
"""Added to the standard deviation of a crop, so that noise of a uniform crop is not amplified."""

_LEAST_SPREAD = 1e-3
"""Eye distances; about the error of labels set by hand."""


@dataclass(frozen=True, slots=True)
class CompactShape:
    """Sizes of the parts of a compact network.

    Attributes:
        channels: Channels at 1/2, 1/4, 1/8 and 1/16 of the crop's resolution.
        depth: Convolutions at each of 1/4, 1/8 and 1/16, besides the strided one.
        first: Side of the first kernel, in pixels.
        state: Number of features from which openness, visibility and spread are predicted.
        sharpness: Factor on the logits of the heatmap: it starts sharper and trains faster.

    """

    channels: tuple[int, int, int, int] = (16, 32, 48, 112)
    depth: int = 1
    first: int = 5
    state: int = 32
    sharpness: float = 3.0


class CompactNetwork(PupilNetwork):
    """A small network of about 240,000 parameters.

    Args:
        given: The crops that it takes; their sides must be multiples of 8.
        shape: Sizes of its parts; None: the default sizes.

    Raises:
        ValueError: a side of the crops is not a multiple of 8.

    """

    def __init__(self, given: EyeInput | None = None, shape: CompactShape | None = None) -> None:
        given, shape = given or EyeInput(), shape or CompactShape()
        super().__init__(given)
        width, height = given.size
        if width % 8 or height % 8:
            raise ValueError(f"sides of crops must be multiples of 8, not {given.size}")
        fine, middle, coarse, whole = shape.channels
        self.at_half = _block(1, fine, shape.first, 2)
        self.at_quarter = _stage(fine, middle, shape.depth)
        self.at_eighth = _stage(middle, coarse, shape.depth)
        self.at_sixteenth = _stage(coarse, whole, shape.depth)
        self.to_eighth = _block(whole, coarse, 1)
        self.to_quarter = _block(coarse, middle, 1)
        self.mix = _block(middle, middle)
        self.heat = nn.Conv2d(middle, given.points, 1)
        self.state = _StateHead(whole, -(-height // 16) * -(-width // 16), shape.state)
        self._sharpness = shape.sharpness
        columns, rows = width // _STRIDE, height // _STRIDE
        y, x = torch.meshgrid(
            (torch.arange(rows) + 0.5) / rows, (torch.arange(columns) + 0.5) / columns,
            indexing="ij",
        )  # fmt: skip
        self.register_buffer("places", torch.stack([x, y], -1).reshape(-1, 2), persistent=False)

    def forward(self, eyes: Tensor) -> EyeAnswer:
        """See :meth:`PupilNetwork.forward`."""
        quarter = self.at_quarter(self.at_half(standardised(eyes)[:, None]))
        eighth = self.at_eighth(quarter)
        sixteenth = self.at_sixteenth(eighth)
        eighth = eighth + _enlarged(self.to_eighth(sixteenth), eighth)
        mixed = self.mix(quarter + _enlarged(self.to_quarter(eighth), quarter))
        logits = self.heat(mixed).flatten(2) * self._sharpness
        heat = logits.softmax(2)
        points = heat @ self.get_buffer("places")
        state = self.state.features_of(sixteenth)
        openness, visible, spread = self.state(state, self._vagueness(heat, points))
        features = torch.cat([state, sixteenth.mean((2, 3))], 1)
        entropy = _entropy(logits[:, self.given.pupil])
        return EyeAnswer(points, openness, visible, spread, entropy, features)

    def _vagueness(self, heat: Tensor, points: Tensor) -> Tensor:
        """Logarithms of standard deviation and peak of the pupil's heatmap; (n, 2)."""
        pupil = self.given.pupil
        away = self.get_buffer("places")[None] - points[:, pupil, None]
        squared = (away * away.new_tensor(self.given.extent)).square().sum(2)
        variance = (heat[:, pupil] * squared).sum(1)
        peak = heat[:, pupil].amax(1)
        return torch.stack([(variance + 1e-6).log() / 2, (peak + 1e-6).log()], 1)


class _StateHead(nn.Module):
    """Openness, visibility and spread from the coarsest features.

    The spread is predicted from detached features: its loss cannot harm the points.
    """

    def __init__(self, channels: int, places: int, hidden: int) -> None:
        super().__init__()
        self.squeeze = _block(channels, hidden, 1)
        self.features = nn.Sequential(nn.Linear(hidden * places, hidden), nn.ReLU())
        self.tell = nn.Linear(hidden, 2)
        self.doubt = nn.Linear(hidden + 2, 1)

    def features_of(self, coarse: Tensor) -> Tensor:
        features: Tensor = self.features(self.squeeze(coarse).flatten(1))
        return features

    def forward(self, features: Tensor, vagueness: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        openness, visible = self.tell(features).unbind(1)
        doubt = self.doubt(torch.cat([features, vagueness], 1).detach())[:, 0]
        return openness, visible, as_spread(doubt)


def standardised(eyes: Tensor) -> Tensor:
    """Crops (n, H, W), each with mean 0 and standard deviation of about 1; float."""
    pixels = eyes.float()
    mean = pixels.mean((1, 2), keepdim=True)
    deviation = (pixels - mean).square().mean((1, 2), keepdim=True).sqrt()
    return (pixels - mean) / (deviation + _FLAT)


def _entropy(logits: Tensor) -> Tensor:
    """Entropy (n,) of the distributions of logits (n, places), in nats."""
    logarithms = logits.log_softmax(1)
    return -(logarithms.exp() * logarithms).sum(1)


def as_spread(doubt: Tensor) -> Tensor:
    """Map any number to a positive spread in eye distances; 0 gives about 0.05."""
    return functional.softplus(doubt - 3) + _LEAST_SPREAD


def _stage(inputs: int, outputs: int, depth: int) -> nn.Sequential:
    """Halve the resolution, then apply ``depth`` convolutions."""
    return nn.Sequential(
        _block(inputs, outputs, 3, 2), *[_block(outputs, outputs) for _ in range(depth)]
    )


def _enlarged(features: Tensor, target: Tensor) -> Tensor:
    """Upsample to the size of the target, which is twice as large or one row or column less."""
    size = (target.shape[2], target.shape[3])
    return functional.interpolate(features, size=size, mode="nearest")


def _block(inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )
