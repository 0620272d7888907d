"""Training to give another embedding's vectors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from closeup.training.identity.augmentation import FarCamera, from_afar
from closeup.training.identity.dlib_network import DlibShapedNetwork
from closeup.training.identity.losses import distillation_loss, hint_loss, names_loss
from closeup.training.identity.networks import as_input
from closeup.training.identity.options import DistillationOptions
from closeup.training.identity.samples import NOBODY
from closeup.training.identity.task import IdentitySamples, IdentityTask, vectors_of
from closeup.training.rng import TensorRng

_FAR = FarCamera()
_PURE = 0.25
"""Share of the blends that are one face."""


class DistillationTask(IdentityTask):
    """Trains the vectors of a teacher.

    Faces of a batch are of three kinds: *poor* ones, which the student sees as from afar;
    *blends* of two faces, which student and teacher see alike; and faces as they are. The vectors
    for the first and the last kind are those that the teacher gave for the faces as they are.
    Blends give as many new faces as are needed (mixup, Zhang et al., ICLR 2018; "Knowledge
    distillation: A good teacher is patient and consistent", Beyer et al., CVPR 2022).

    Args:
        network: The student.
        samples: Faces with the teacher's vectors.
        options: Options of the distillation.
        teacher: dlib's network, for blends and hints.

    Raises:
        ValueError: the faces have no vectors of a teacher, or the options ask for a teacher, or
            for hints of it, that the arguments do not have.

    """

    goal = "objective"

    def __init__(
        self,
        network: nn.Module,
        samples: IdentitySamples,
        options: DistillationOptions,
        teacher: DlibShapedNetwork | None = None,
    ) -> None:
        if samples.training.targets is None or samples.held_out.targets is None:
            raise ValueError("the faces have no vectors of a teacher")
        if options.blended and teacher is None:
            raise ValueError("blends need a teacher that sees them")
        if options.hints and not isinstance(network, DlibShapedNetwork):
            raise ValueError("hints need a network with the shape of the teacher's")
        super().__init__(network, samples, (options, _FAR))
        self._options = options
        self._teacher = teacher.requires_grad_(False).eval() if teacher else None
        self._targets = torch.from_numpy(samples.training.targets)
        self._centres, self._known = centres_of(samples.training.people, self._targets)
        held_out = samples.held_out
        self._expected = torch.from_numpy(held_out.targets)
        self._judged_centres, self._judged_people = centres_of(held_out.people, self._expected)
        self._far = from_afar(self._judged, _FAR, self._rng(0, 2))

    def compared(self, embedding: nn.Module, vectors: NDArray[np.float32]) -> dict[str, float]:
        """Mean squared distances from the teacher's vectors, and the loss, which is the goal.

        ``near`` is of the faces as they are, ``far`` of the same from afar. In the goal the loss of
        the latter has the weight ``poor``.
        """
        both = torch.from_numpy(vectors), torch.from_numpy(vectors_of(embedding, self._far))
        near, far = (float((own - self._expected).square().sum(1).mean()) for own in both)
        losses = [float(self._held_out_loss(own)) for own in both]
        goal = losses[0] + self._options.poor * (losses[1] - losses[0])
        return {"near": near, "far": far, self.goal: goal}

    def _held_out_loss(self, vectors: Tensor) -> Tensor:
        """The loss of faces near or far; people are told from those of the training, too."""
        options, known = self._options, self._judged_people != NOBODY
        loss = distillation_loss(vectors, self._expected, options.hardness, options.pairwise)
        centres = torch.cat([self._judged_centres, self._centres])
        names = names_loss(vectors[known], centres, self._judged_people[known])
        return loss["loss"] + options.names * names

    def count(self, batch: int) -> int:
        """Number of batches in which each face comes once."""
        return len(self.chips) // batch

    def batches(self, epoch: int, batch: int) -> Iterator[Mapping[str, Tensor]]:
        """Faces in a new order, their targets, and which of them are blends."""
        order = self._rng(epoch, 0).order(len(self.chips))
        poor, blended = (
            round(share * batch) for share in (self._options.poor, self._options.blended)
        )
        for number in range(self.count(batch)):
            rows, rng = order[number * batch : (number + 1) * batch], self._rng(epoch, 1, number)
            pixels = self._augmented(rows, rng)
            if poor:
                pixels[:poor] = from_afar(self.chips[rows[:poor]], _FAR, rng)
            if blended:
                pixels[-blended:] = _blends(pixels[-blended:], rng)
            is_blend = torch.arange(batch) >= batch - blended
            yield {
                "pixels": pixels, "targets": self._targets[rows], "people": self._known[rows],
                "blended": is_blend,
            }  # fmt: skip

    def loss(self, network: nn.Module, batch: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """The distances to the teacher's vectors, and what the options add to them."""
        seen, options, blended = as_input(batch["pixels"]), self._options, batch["blended"]
        targets, wanted = batch["targets"], None
        if self._teacher is not None and options.blended:
            with torch.no_grad():
                wanted, own = self._teacher.to(seen.device).described(seen[blended])
            targets = targets.clone()
            targets[blended] = own
        found, vectors = _described(network, seen)
        figures = distillation_loss(vectors, targets, options.hardness, options.pairwise)
        if options.hints and wanted is not None and isinstance(network, DlibShapedNetwork):
            hints = hint_loss([part[blended] for part in found], wanted, network.channels)
            figures["hints"] = hints
            figures["loss"] = figures["loss"] + options.hints * hints
        if options.names:
            rows = ~blended & (batch["people"] != NOBODY)
            centres = self._centres.to(vectors.device)
            figures["names"] = names_loss(vectors[rows], centres, batch["people"][rows])
            figures["loss"] = figures["loss"] + options.names * figures["names"]
        return figures


def centres_of(people: NDArray[np.int64], targets: Tensor) -> tuple[Tensor, Tensor]:
    """The mean vector of each person by the teacher, and the row of each face's person.

    Args:
        people: (n,) numbers of people; those of :data:`NOBODY` have no mean.
        targets: (n, d) vectors of unit length.

    Returns:
        (people, d) of unit length, and (n,) int64 rows of it, or :data:`NOBODY`.

    """
    known = torch.from_numpy(people != NOBODY)
    numbers, rows = np.unique(people[people != NOBODY], return_inverse=True)
    own = torch.full((len(people),), NOBODY)
    own[known] = torch.from_numpy(rows)
    sums = torch.zeros(len(numbers), targets.shape[1]).index_add_(0, own[known], targets[known])
    return functional.normalize(sums), own


def _described(network: nn.Module, seen: Tensor) -> tuple[list[Tensor], Tensor]:
    """Features, if the network shows them, and vectors."""
    if isinstance(network, DlibShapedNetwork):
        return network.described(seen)
    return [], network(seen)


def _blends(pixels: Tensor, rng: TensorRng) -> Tensor:
    """Each face blended with the next one, by a random share; (n, S, S, 3) uint8.

    A quarter of them stay as they are.
    """
    shares = rng.between(0, 1, len(pixels), 1, 1, 1)
    shares[rng.chosen(_PURE, len(pixels))] = 1
    joined = pixels * shares + pixels.roll(1, 0) * (1 - shares)
    return joined.round_().to(torch.uint8)
