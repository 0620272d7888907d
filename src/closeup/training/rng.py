"""Random tensors from one generator, so that an epoch can be repeated."""

from __future__ import annotations

import torch
from torch import Tensor


class TensorRng:
    """Random tensors on the CPU.

    Args:
        numbers: The seeds, such as a seed and an epoch, each at least 0; their order matters.

    """

    def __init__(self, *numbers: int) -> None:
        # A polynomial of an odd number: (1, 2) and (2, 1) give other tensors.
        mixed = 0
        for number in numbers:
            mixed = (mixed * 1_000_003 + number + 1) % 2**63
        self._generator = torch.Generator().manual_seed(mixed)

    def normal(self, *shape: int) -> Tensor:
        """Normal, of mean 0 and standard deviation 1."""
        return torch.randn(shape, generator=self._generator)

    def between(self, low: float, high: float, *shape: int) -> Tensor:
        """Uniform between two numbers."""
        return low + (high - low) * torch.rand(shape, generator=self._generator)

    def chosen(self, share: float, count: int) -> Tensor:
        """(count,) bool, each true with probability ``share``."""
        return torch.rand(count, generator=self._generator) < share

    def order(self, count: int) -> Tensor:
        """The numbers from 0 to ``count`` - 1, shuffled."""
        return torch.randperm(count, generator=self._generator)
