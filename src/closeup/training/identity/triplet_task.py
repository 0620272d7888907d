"""Training with triplets: FaceNet's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn

from closeup.training.identity.batching import PeopleBatches
from closeup.training.identity.losses import triplet_loss
from closeup.training.identity.mining import (
    Triplets,
    TripletShares,
    hardest,
    semi_hard,
    squared_distances,
)
from closeup.training.identity.networks import as_input
from closeup.training.identity.options import Mining, TripletOptions
from closeup.training.identity.task import IdentitySamples, IdentityTask, vectors_of


class TripletTask(IdentityTask):
    """Trains with triplets.

    With mining on-line a batch has a few photos of each person. With mining off-line a third of it
    are anchors, a third their positives and a third their negatives; they are chosen at the begin
    of each epoch.

    Args:
        network: Faces in, vectors out.
        samples: Faces with names.
        options: Margin and mining.

    Raises:
        InputError: there are fewer than two people with two photos.

    """

    def __init__(
        self, network: nn.Module, samples: IdentitySamples, options: TripletOptions
    ) -> None:
        super().__init__(network, samples, options)
        self._options = options
        self._drawn = PeopleBatches(samples.training.people, options.photos)
        self._anchors = torch.from_numpy(samples.training.counts() > 1).nonzero()[:, 0]

    def count(self, batch: int) -> int:
        """Number of batches in which each photo of a person with several comes about once."""
        if self._options.mining is Mining.ONLINE:
            return self._drawn.count(batch)
        return len(self._anchors) // (batch // 3 * 3)

    def batches(self, epoch: int, batch: int) -> Iterator[Mapping[str, Tensor]]:
        """Augmented faces, and what chooses among them."""
        online = self._options.mining is Mining.ONLINE
        made = self._online if online else self._offline
        for number, (rows, given) in enumerate(made(epoch, batch)):
            yield {"pixels": self._augmented(rows, self._rng(epoch, 2, number)), **given}

    def loss(self, network: nn.Module, batch: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """The triplet loss, how many triplets were used, and the shares of their kinds."""
        distances = squared_distances(network(as_input(batch["pixels"])))
        margin = self._options.margin
        if "people" in batch:
            triplets, shares = semi_hard(distances.detach(), batch["people"], margin, batch["lots"])
        else:
            triplets, shares = _thirds(distances.detach(), margin)
        return {
            "loss": triplet_loss(distances, triplets, margin),
            "triplets": torch.tensor(float(len(triplets))),
            "hard": shares.hard, "semi_hard": shares.semi_hard, "easy": shares.easy,
        }  # fmt: skip

    def _online(self, epoch: int, batch: int) -> Iterator[tuple[Tensor, dict[str, Tensor]]]:
        for number, rows in enumerate(self._drawn.epoch(self._rng(epoch, 0), batch)):
            lots = self._rng(epoch, 1, number).between(0, 1, batch, batch)
            yield rows, {"people": self.people[rows], "lots": lots}

    def _offline(self, epoch: int, batch: int) -> Iterator[tuple[Tensor, dict[str, Tensor]]]:
        mined = self._mined()
        third, rng = batch // 3, self._rng(epoch, 0)
        order = rng.order(len(mined)) if len(mined) else torch.empty(0, dtype=torch.int64)
        for number in range(self.count(batch)):
            # If few triplets are hard, they come several times with other augmentation.
            own = order[(torch.arange(third) + number * third) % max(1, len(order))]
            rows = torch.cat([mined.anchors[own], mined.positives[own], mined.negatives[own]])
            yield rows, {}

    def _mined(self) -> Triplets:
        """Hard triplets by the network as it is."""
        training = self.network.training
        vectors = torch.from_numpy(vectors_of(self.network.eval(), self.chips))
        self.network.train(training)
        parts = [
            hardest(vectors, self.people, self._options.margin, self._options.skipped, anchors)
            for anchors in torch.split(self._anchors, 512)
        ]
        return Triplets(
            torch.cat([part.anchors for part in parts]),
            torch.cat([part.positives for part in parts]),
            torch.cat([part.negatives for part in parts]),
        )


def _thirds(distances: Tensor, margin: float) -> tuple[Triplets, TripletShares]:
    """The triplets of a batch of anchors, positives and negatives, and their kinds."""
    third = torch.arange(len(distances) // 3, device=distances.device)
    triplets = Triplets(third, third + len(third), third + 2 * len(third))
    gaps = distances[third, triplets.negatives] - distances[third, triplets.positives]
    hard, easy = (gaps <= 0).float().mean(), (gaps >= margin).float().mean()
    return triplets, TripletShares(hard, 1 - hard - easy, easy)
