"""Rich features of eyes from a trained compact network whose weights stay as they are.

The features are its activations around the pupil that it finds, at several resolutions. A head on
them can correct the pupil without another training: see
:mod:`closeup.pipeline.training.active_heads`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from closeup.training.pupils.augmentation import plain
from closeup.training.pupils.compact import CompactNetwork, standardised
from closeup.training.pupils.samples import EyeSamples
from closeup.training.pupils.task import eyes_of

_BATCH = 256


@dataclass(frozen=True, slots=True, eq=False)
class FrozenReadings:
    """Outputs and features of a network for n eyes.

    Attributes:
        pupils: (n, 2) float64 x, y in eye distances from the middle of the crop.
        visible: (n,) probability that the eye is visible.
        spread: (n,) error that the network expects, in eye distances.
        entropy: (n,) entropy of the heatmap, in nats.
        features: (n, d) float32, few features of the whole eye, to compare eyes by.
        local: (n, D) float32, many features around the pupil, to correct it by.

    """

    pupils: NDArray[np.float64]
    visible: NDArray[np.float64]
    spread: NDArray[np.float64]
    entropy: NDArray[np.float64]
    features: NDArray[np.float32]
    local: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Window:
    """Square of samples around the pupil: samples along a side, and pixels between them."""

    side: int
    step: float


_WINDOWS = {"at_half": _Window(9, 2), "mix": _Window(5, 4)}
"""Layer → where its activations are sampled. 0.15 to 0.19 eye distances on either side."""

_WHOLE = "at_sixteenth"
"""The layer whose activations are used at all places."""

_PIXELS = _Window(21, 1.5)


def frozen_readings(network: CompactNetwork, eyes: EyeSamples) -> FrozenReadings:
    """Run a network on eyes without augmentation, and keep its activations.

    Args:
        network: Trained; left on its device in evaluation mode.
        eyes: The eyes; their labels are not used.

    """
    inputs = plain(eyes_of(eyes, network.given), network.given)["eyes"]
    kept: dict[str, Tensor] = {}
    handles = [
        network.get_submodule(name).register_forward_hook(
            lambda _module, _given, output, name=name: kept.__setitem__(name, output)
        )
        for name in (*_WINDOWS, _WHOLE)
    ]
    network.eval()
    try:
        with torch.no_grad():
            parts = [_of_batch(network, some, kept) for some in torch.split(inputs, _BATCH)]
    finally:
        for handle in handles:
            handle.remove()
    pupils, visible, spread, entropy, features, local = (
        torch.cat(values).numpy() for values in zip(*parts, strict=True)
    )
    return FrozenReadings(
        pupils.astype(np.float64), visible.astype(np.float64), spread.astype(np.float64),
        entropy.astype(np.float64), features, local,
    )  # fmt: skip


def _of_batch(network: CompactNetwork, eyes: Tensor, kept: dict[str, Tensor]) -> tuple[Tensor, ...]:
    answer = network(eyes)
    pupils = answer.points[:, network.given.pupil]
    local = [
        _sampled(standardised(eyes)[:, None], pupils, _PIXELS, network),
        kept[_WHOLE].flatten(1),
        *(_sampled(kept[name], pupils, window, network) for name, window in _WINDOWS.items()),
    ]
    places = (pupils - 0.5) * pupils.new_tensor(network.given.extent)
    return (
        places, answer.visible.sigmoid(), answer.spread, answer.entropy, answer.features,
        torch.cat(local, 1),
    )  # fmt: skip


def _sampled(layer: Tensor, pupils: Tensor, window: _Window, network: CompactNetwork) -> Tensor:
    """Values (n, channels · side²) of a layer (n, channels, h, w) around the pupils."""
    away = (torch.arange(window.side) - (window.side - 1) / 2) * window.step
    columns, rows = network.given.size
    y, x = torch.meshgrid(away / rows, away / columns, indexing="ij")
    places = pupils[:, None, None] + torch.stack([x, y], -1)
    values: Tensor = functional.grid_sample(
        layer, places * 2 - 1, padding_mode="border", align_corners=False
    )
    return values.flatten(1)
