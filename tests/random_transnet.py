"""A file with the tensors of TransNet V2's, in few channels and with random numbers."""

from __future__ import annotations

import io
from functools import cache

import torch

_DILATIONS = (1, 2, 4, 8)
_NEAR = 101
"""Frames with which a frame is compared."""


@cache
def random_transnet(width: int = 2, seed: int = 0) -> bytes:
    """What ``torch.save`` writes of :func:`random_weights`."""
    file = io.BytesIO()
    torch.save(random_weights(width, seed), file)
    return file.getvalue()


def random_weights(width: int = 2, seed: int = 0) -> dict[str, torch.Tensor]:
    """The state dictionary; a branch of the first stack has ``width`` channels, 16 in the paper."""
    generator = torch.Generator().manual_seed(seed)
    weights: dict[str, torch.Tensor] = {}

    def dense(name: str, outputs: int, inputs: int) -> None:
        spread = (2 / inputs) ** 0.5
        weights[f"{name}.weight"] = torch.randn(outputs, inputs, generator=generator) * spread
        weights[f"{name}.bias"] = torch.randn(outputs, generator=generator) / 10

    channels = 3
    for stack in range(3):
        branch = width * 2**stack
        for block in range(2):
            prefix = f"SDDCNN.{stack}.DDCNN.{block}"
            _block(weights, prefix, channels, branch, generator)
            channels = 4 * branch
    dense("frame_sim_layer.projection", 8, 4 * width * (1 + 2 + 4))
    dense("frame_sim_layer.fc", 6, _NEAR)
    dense("color_hist_layer.fc", 5, _NEAR)
    dense("fc1", 16, 3 * 6 * channels + 6 + 5)
    dense("cls_layer1", 1, 16)
    return weights


def _block(
    weights: dict[str, torch.Tensor], prefix: str, channels: int, branch: int,
    generator: torch.Generator,
) -> None:  # fmt: skip
    for dilation in _DILATIONS:
        layers = f"{prefix}.Conv3D_{dilation}.layers"
        for layer, shape in enumerate(
            [(2 * branch, channels, 1, 3, 3), (branch, 2 * branch, 3, 1, 1)]
        ):
            spread = (2 / (shape[1] * 9)) ** 0.5
            weights[f"{layers}.{layer}.weight"] = torch.randn(shape, generator=generator) * spread
    for part in ("weight", "bias", "running_mean", "running_var"):
        weights[f"{prefix}.bn.{part}"] = torch.rand(4 * branch, generator=generator) + 0.1
    weights[f"{prefix}.bn.num_batches_tracked"] = torch.tensor(7)
