"""What is to be learnt, as the loop sees it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from torch import Tensor, nn


class TrainingTask(Protocol):
    """A network, its samples, its loss, and how good it is.

    Whatever is random must come from generators made of the seed (and the epoch), never from
    torch's global one: then a run that was interrupted ends as if it had not been.

    Attributes:
        network: What learns, with its first weights; afterwards it has the best ones.
        goal: The figure of :meth:`judge` that must become small, such as ``mean_error``.
        fingerprint: Another text for other samples, another network or another loss; two runs
            of one fingerprint and the same options are the same run.

    """

    network: nn.Module
    goal: str
    fingerprint: str

    def count(self, batch: int) -> int:
        """How many batches of so many samples one epoch has."""
        ...

    def batches(self, epoch: int, batch: int) -> Iterator[Mapping[str, Tensor]]:
        """The augmented batches of one epoch, on the CPU.

        Seed and epoch alone decide their order and augmentation. On a GPU they are made in
        a thread of their own, while the network learns.

        Args:
            epoch: From 0.
            batch: Samples in each of them; where memory is short, less than the options say.

        """
        ...

    def loss(self, network: nn.Module, batch: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """Scalars: ``loss`` is minimised, the others are told as means of the epoch.

        Args:
            network: In training mode.
            batch: On the network's device.

        """
        ...

    def judge(self, network: nn.Module) -> dict[str, float]:
        """Figures on samples that are held out, ``goal`` among them.

        Args:
            network: With averaged weights, in evaluation mode, without gradients, on the
                device of its parameters.

        """
        ...
