"""Training by naming people, with an angular margin: ArcFace's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import torch
from torch import Tensor, nn

from closeup.training.identity.losses import AngularMargin
from closeup.training.identity.networks import as_input
from closeup.training.identity.options import MarginOptions
from closeup.training.identity.task import IdentitySamples, IdentityTask


class WithHead(nn.Module):
    """An embedding and the centres of the people that it learns from.

    Args:
        embedding: The embedding.
        head: The centres.

    """

    def __init__(self, embedding: nn.Module, head: AngularMargin) -> None:
        super().__init__()
        self.embedding, self.head = embedding, head

    def forward(self, pixels: Tensor, people: Tensor) -> Tensor:
        """The loss of faces (n, 3, S, S) of known people (n,)."""
        loss: Tensor = self.head(self.embedding(pixels), people)
        return loss


class MarginTask(IdentityTask):
    """Trains to name the people; their centres are dropped afterwards.

    Args:
        network: The embedding.
        dims: Components of its vectors.
        samples: Faces with names.
        options: The head.

    """

    def __init__(
        self, network: nn.Module, dims: int, samples: IdentitySamples, options: MarginOptions
    ) -> None:
        counts = samples.training.counts()
        names, numbers = np.unique(samples.training.people[counts > 1], return_inverse=True)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(samples.seed)
            head = AngularMargin(dims, len(names), options.scale, options.margin)
        super().__init__(WithHead(network, head), samples, options)
        self._rows = torch.from_numpy(np.flatnonzero(counts > 1))
        self._numbers = torch.from_numpy(numbers)

    def count(self, batch: int) -> int:
        """Number of batches in which each photo of a person with several comes once."""
        return len(self._rows) // batch

    def batches(self, epoch: int, batch: int) -> Iterator[Mapping[str, Tensor]]:
        """Augmented faces in a new order, and their people."""
        order = self._rng(epoch, 0).order(len(self._rows))
        for number in range(self.count(batch)):
            own = order[number * batch : (number + 1) * batch]
            pixels = self._augmented(self._rows[own], self._rng(epoch, 1, number))
            yield {"pixels": pixels, "people": self._numbers[own]}

    def loss(self, network: nn.Module, batch: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """Cross-entropy with the margin."""
        return {"loss": network(as_input(batch["pixels"]), batch["people"])}

    def embedding_in(self, network: nn.Module) -> nn.Module:
        """The embedding beside the head."""
        return network.get_submodule("embedding")
