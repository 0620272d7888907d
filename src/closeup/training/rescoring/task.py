"""The training task of the rescoring network, for :func:`closeup.training.fitting.fit`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from closeup.training.rescoring.augmentation import (
    RescorerAugmentation,
    augmented,
    without_margin,
)
from closeup.training.rescoring.network import RescoringNetwork
from closeup.training.rescoring.samples import Candidates
from closeup.training.rng import TensorRng
from closeup.training.task import fingerprint_of

_JUDGED = 256
"""Crops in one forward pass of the validation."""

_KEPT = 0.99
"""Share of the held-out faces that are kept where ``false`` is measured."""


class RescorerTrainingTask:
    """Trains the difference between faces and other candidates of a detector.

    Half of each batch are faces: their share among the candidates depends on the pictures.

    Args:
        network: The network with its initial weights.
        training: Candidates to learn from; at least one face and one other.
        held_out: Candidates for validation; at least one face and one other.
        seed: Determines, with the epoch, the order and augmentation of the candidates.

    Attributes:
        network: The given network.
        goal: The figure of :meth:`judge` that is minimised.
        fingerprint: Hash of all inputs of the training except for its options.

    """

    goal = "error"

    def __init__(
        self,
        network: RescoringNetwork,
        training: Candidates,
        held_out: Candidates,
        *,
        seed: int = 0,
    ) -> None:
        self.network: nn.Module = network
        self._side, self._seed = network.shape.side, seed
        self._augmentation = RescorerAugmentation()
        self._crops = torch.from_numpy(np.ascontiguousarray(training.crops))
        self._faces = torch.from_numpy(training.faces.copy())
        self._rows = self._faces.nonzero()[:, 0], (~self._faces).nonzero()[:, 0]
        self._held_out = held_out
        self._judged = without_margin(torch.from_numpy(held_out.crops), self._side)
        said = repr((seed, self._augmentation)).encode()
        self.fingerprint = fingerprint_of(network, said, training.digest(), held_out.digest())

    def count(self, batch: int) -> int:
        """Number of batches per epoch, in which each candidate of the rarer kind is seen once."""
        return min(map(len, self._rows)) // (batch // 2)

    def batches(self, epoch: int, batch: int) -> Iterator[Mapping[str, Tensor]]:
        """Augmented candidates in a new order, each at most once."""
        orders = [
            rows[TensorRng(self._seed, epoch, kind).order(len(rows))]
            for kind, rows in enumerate(self._rows)
        ]
        half = batch // 2
        for number in range(self.count(batch)):
            places = torch.arange(number * half, (number + 1) * half)
            rows = torch.cat([own[places] for own in orders])
            rng = TensorRng(self._seed, epoch, 2 + number)
            crops = augmented(self._crops[rows], self._side, self._augmentation, rng)
            yield {"crops": crops, "faces": self._faces[rows].float()}

    def loss(self, network: nn.Module, batch: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """Cross-entropy of the log odds."""
        logits = network(batch["crops"])
        return {"loss": functional.binary_cross_entropy_with_logits(logits, batch["faces"])}

    def judge(self, network: nn.Module) -> dict[str, float]:
        """Figures on the held-out candidates.

        Returns:
            ``error``, the mean cross-entropy of both kinds; ``false``, the share of other
            candidates whose log odds exceed those of one face in a hundred.

        """
        logits, faces = self.logits(network), self._held_out.faces
        wrong = np.logaddexp(0, np.where(faces, -logits, logits))
        limit = np.quantile(logits[faces], 1 - _KEPT)
        return {
            "error": float((wrong[faces].mean() + wrong[~faces].mean()) / 2),
            "false": float((logits[~faces] > limit).mean()),
        }

    def logits(self, network: nn.Module) -> NDArray[np.float32]:
        """Log odds of all held-out candidates; (n,)."""
        device = next(network.parameters()).device
        with torch.no_grad():
            parts = [
                network(crops.to(device)).cpu() for crops in torch.split(self._judged, _JUDGED)
            ]
        return torch.cat(parts).numpy()
