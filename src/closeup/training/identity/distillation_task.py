"""Training to give another embedding's vectors: no names are needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn

from closeup.training.identity.augmentation import STAGE, augmented
from closeup.training.identity.mining import squared_distances
from closeup.training.identity.networks import as_input
from closeup.training.identity.options import DistillationOptions
from closeup.training.identity.task import IdentitySamples, IdentityTask


class DistillationTask(IdentityTask):
    """Trains the vectors of a teacher.

    Args:
        network: The student.
        samples: Faces with the teacher's vectors.
        options: Options of the distillation.

    Raises:
        ValueError: the faces have no vectors of a teacher.

    """

    def __init__(
        self, network: nn.Module, samples: IdentitySamples, options: DistillationOptions
    ) -> None:
        if samples.training.targets is None:
            raise ValueError("the faces have no vectors of a teacher")
        super().__init__(network, samples, (options, STAGE))
        self._options = options
        self._targets = torch.from_numpy(samples.training.targets)

    def count(self, batch: int) -> int:
        """Number of batches in which each face comes once."""
        return len(self.chips) // batch

    def batches(self, epoch: int, batch: int) -> Iterator[Mapping[str, Tensor]]:
        """Faces in a new order, some of them as on a stage, and their targets."""
        order = self._rng(epoch, 0).order(len(self.chips))
        for number in range(self.count(batch)):
            rows, rng = order[number * batch : (number + 1) * batch], self._rng(epoch, 1, number)
            pixels = self._augmented(rows, rng)
            poor = rng.chosen(self._options.poor, len(rows))
            if poor.any():
                pixels[poor] = augmented(self.chips[rows[poor]], STAGE, rng)
            yield {"pixels": pixels, "targets": self._targets[rows]}

    def loss(self, network: nn.Module, batch: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """Distance to the targets, and of the distances among the faces."""
        vectors = network(as_input(batch["pixels"]))
        options = self._options
        return distillation_loss(vectors, batch["targets"], options.hardness, options.pairwise)


def distillation_loss(
    vectors: Tensor, targets: Tensor, hardness: float, pairwise: float
) -> dict[str, Tensor]:
    """Distance to a teacher's vectors, and of the distances among them.

    Args:
        vectors: (n, d) of the student, of unit length.
        targets: (n, d) of the teacher, of unit length.
        hardness: Exponent of the weight by which faces far from their target count more; 0 for an
            even mean.
        pairwise: Weight of the second term.

    Returns:
        ``loss`` and its parts: ``distance``, the mean squared distance to the target, and
        ``pairs``, the mean squared difference of the squared distances of all pairs.

    """
    apart = (vectors - targets).square().sum(1)
    weights = apart.detach().clamp(min=1e-6) ** hardness
    distance = (weights * apart).sum() / weights.sum()
    pairs = (squared_distances(vectors) - squared_distances(targets)).square().mean()
    return {
        "loss": distance + pairwise * pairs,
        "distance": apart.mean(),
        "pairs": pairs,
    }
