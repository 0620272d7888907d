"""Features of a network whose weights stay as they are."""

from __future__ import annotations

import numpy as np
import torch

from closeup.geometry import Size
from closeup.training.pupils.compact import CompactNetwork
from closeup.training.pupils.local_features import frozen_readings
from closeup.training.pupils.network import EyeInput
from closeup.training.pupils.samples import EyeSamples


def eyes(count: int, size: tuple[int, int] = (64, 48), width: float = 1.2) -> EyeSamples:
    crops = np.random.default_rng(0).integers(0, 255, (count, size[1], size[0]), np.uint8)
    nothing = np.full((count, 3, 2), np.nan, np.float32)
    numbers, unknown = np.arange(count), np.full(count, np.nan, np.float32)
    return EyeSamples(
        crops, nothing, unknown, np.ones_like(unknown), numbers, numbers, numbers % 2 == 1, width
    )


def network() -> CompactNetwork:
    torch.manual_seed(0)
    return CompactNetwork(EyeInput(Size(64, 48), 1.2))


def test_readings_are_those_of_the_network() -> None:
    own, samples = network(), eyes(5)
    read = frozen_readings(own, samples)
    with torch.no_grad():
        answer = own(torch.from_numpy(samples.crops))
    expected = (answer.points[:, 0].numpy() - 0.5) * (1.2, 0.9)
    assert np.allclose(read.pupils, expected, atol=1e-5)
    assert np.allclose(read.visible, answer.visible.sigmoid().numpy(), atol=1e-5)
    assert np.allclose(read.features, answer.features.numpy(), atol=1e-4)
    assert read.entropy.shape == read.spread.shape == (5,)
    # 21² pixels, 112 channels at 3×4 places, 16 at 9² and 32 at 5² around the pupil.
    assert read.local.shape == (5, 441 + 112 * 12 + 16 * 81 + 32 * 25)
    assert not own.training


def test_batches_make_no_difference_and_hooks_are_gone() -> None:
    own, samples = network(), eyes(300)
    whole = frozen_readings(own, samples)
    part = frozen_readings(own, samples.chosen(np.arange(290, 300)))
    assert np.allclose(whole.local[290:], part.local, atol=1e-4)
    assert not any(module._forward_hooks for module in own.modules())
