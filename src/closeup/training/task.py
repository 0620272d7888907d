"""The interface of a training task, and the fingerprint by which a run is recognised."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Protocol

from torch import Tensor, nn


class TrainingTask(Protocol):
    """A network, its samples, its loss and its validation.

    All randomness must come from generators seeded by the seed (and the epoch), never from
    torch's global one: then an interrupted and resumed run gives the same result.

    Attributes:
        network: The network with its initial weights; after training, with the best ones.
        goal: The figure of :meth:`judge` that is minimised, such as ``mean_error``.
        fingerprint: Identifies samples, network and loss; runs of equal fingerprint and equal
            options are the same run.

    """

    network: nn.Module
    goal: str
    fingerprint: str

    def count(self, batch: int) -> int:
        """Number of batches of ``batch`` samples in one epoch."""
        ...

    def batches(self, epoch: int, batch: int) -> Iterator[Mapping[str, Tensor]]:
        """The augmented batches of one epoch, on the CPU.

        Seed and epoch alone determine their order and augmentation. The batches are made in
        a separate thread while the network trains.

        Args:
            epoch: From 0.
            batch: Samples in each batch; less than in the options if memory is short.

        """
        ...

    def loss(self, network: nn.Module, batch: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """Scalars: ``loss`` is minimised, the others are reported as means over the epoch.

        Args:
            network: In training mode.
            batch: Tensors on the network's device.

        """
        ...

    def judge(self, network: nn.Module) -> dict[str, float]:
        """Figures on held-out samples, including ``goal``.

        Args:
            network: With averaged weights, in evaluation mode, without gradients, on the
                device of its parameters.

        """
        ...


def fingerprint_of(network: nn.Module, *inputs: bytes) -> str:
    """Hash of a network's weights and of all else that determines its training.

    Args:
        network: The network with its initial weights.
        inputs: Options and samples as bytes, always in the same order.

    Returns:
        Sixteen hexadecimal digits.

    """
    digest = hashlib.sha256()
    for content in inputs:
        digest.update(content)
    for name, values in network.state_dict().items():
        digest.update(name.encode() + values.cpu().numpy().tobytes())
    return digest.hexdigest()[:16]
