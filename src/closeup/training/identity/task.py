"""Training tasks of face embeddings, for :func:`closeup.training.fitting.fit`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from closeup.errors import TrainingError
from closeup.training.identity.augmentation import FaceAugmentation, augmented
from closeup.training.identity.networks import as_input
from closeup.training.identity.samples import FaceChips
from closeup.training.rng import TensorRng
from closeup.training.task import fingerprint_of

Judge = Callable[[NDArray[np.float32]], dict[str, float]]
"""Measures the vectors (n, d) of the held-out faces; most trainings minimise its ``error``."""

_AT_ONCE = 64
_ALIKE = 0.02
"""Mean squared distance of any two faces below which all count as alike."""


@dataclass(frozen=True, slots=True, eq=False)
class IdentitySamples:
    """What an embedding learns from and is judged by.

    Attributes:
        training: Faces to learn from.
        held_out: Faces for validation.
        judge: Measures the vectors of ``held_out``.
        seed: Determines, with the epoch, the order and augmentation of the faces.
        augmentation: Strengths of the augmentation.

    """

    training: FaceChips
    held_out: FaceChips
    judge: Judge
    seed: int = 0
    augmentation: FaceAugmentation = field(default_factory=FaceAugmentation)


class IdentityTask(ABC):
    """What the trainings of an embedding share.

    Args:
        network: What is trained, with its initial weights: faces in, vectors out, unless the
            subclass says otherwise.
        samples: What it learns from and is judged by.
        options: Options of the kind of training; they are part of the fingerprint.

    Attributes:
        network: The given network.
        goal: The figure that is minimised.
        fingerprint: Hash of all inputs of the training except for its options.
        chips: (n, S, S, 3) uint8, the faces to learn from.
        people: (n,) int64, their people.

    """

    goal = "error"

    def __init__(self, network: nn.Module, samples: IdentitySamples, options: object) -> None:
        self.network = network
        self.chips = torch.from_numpy(np.ascontiguousarray(samples.training.pixels))
        self.people = torch.from_numpy(samples.training.people)
        self._samples = samples
        self._judged = torch.from_numpy(np.ascontiguousarray(samples.held_out.pixels))
        said = repr((options, samples.seed, samples.augmentation)).encode()
        digests = samples.training.digest(), samples.held_out.digest()
        self.fingerprint = fingerprint_of(network, said, *digests)
        self._widest = 0.0

    @abstractmethod
    def count(self, batch: int) -> int:
        """Number of batches in one epoch."""

    @abstractmethod
    def batches(self, epoch: int, batch: int) -> Iterator[Mapping[str, Tensor]]:
        """The augmented batches of one epoch."""

    @abstractmethod
    def loss(self, network: nn.Module, batch: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """The loss of a batch and figures about it."""

    def judge(self, network: nn.Module) -> dict[str, float]:
        """Figures on the held-out faces: those of the judge, and ``spread``.

        The spread is the mean squared distance of any two vectors. It is small before the
        normalisation of the network has its statistics; until it has grown, ``error`` is 1. If it
        becomes small again, the network has collapsed.

        Raises:
            TrainingError: the vectors have become alike.

        """
        embedding = self.embedding_in(network)
        vectors = vectors_of(embedding, self._judged)
        spread = 2 - 2 * float(np.square(vectors.mean(axis=0)).sum())
        self._widest = max(self._widest, spread)
        if is_collapsed(spread) and not is_collapsed(self._widest):
            raise TrainingError(
                "the vectors have become alike; the last good checkpoint is kept; train with a "
                "smaller rate, or with semi-hard triplets, in another folder"
            )
        figures = {**self._samples.judge(vectors), "spread": spread}
        figures |= self.compared(embedding, vectors)
        return {**figures, self.goal: 1.0} if is_collapsed(spread) else figures

    def compared(
        self,
        embedding: nn.Module,  # noqa: ARG002 - for subclasses
        vectors: NDArray[np.float32],  # noqa: ARG002
    ) -> dict[str, float]:
        """Further figures about the held-out faces and their vectors; none in most trainings."""
        return {}

    def embedding_in(self, network: nn.Module) -> nn.Module:
        """The embedding in what is trained: all of it, or a part."""
        return network

    def _augmented(self, rows: Tensor, rng: TensorRng) -> Tensor:
        return augmented(self.chips[rows], self._samples.augmentation, rng)

    def _rng(self, epoch: int, *numbers: int) -> TensorRng:
        return TensorRng(self._samples.seed, epoch, *numbers)


def is_collapsed(spread: float) -> bool:
    """Whether vectors with this mean squared distance are all alike."""
    return spread < _ALIKE


def vectors_of(network: nn.Module, chips: Tensor) -> NDArray[np.float32]:
    """Vectors (n, d) of chips (n, S, S, 3) uint8 on the CPU, without gradients."""
    device = next(network.parameters()).device
    with torch.no_grad():
        parts = [network(as_input(part.to(device))).cpu() for part in torch.split(chips, _AT_ONCE)]
    return np.asarray(torch.cat(parts).float().numpy(), np.float32)
