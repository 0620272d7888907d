"""The training task of the good/bad network, for :func:`closeup.training.fitting.fit`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from closeup.training.label_quality.augmentation import (
    Marked,
    QualityAugmentation,
    augmented,
    displaced,
    plain,
)
from closeup.training.label_quality.network import NEAR, Judged, QualityCnn
from closeup.training.label_quality.samples import QualitySamples
from closeup.training.label_quality.validation import quality_figures
from closeup.training.rng import TensorRng
from closeup.training.task import fingerprint_of

_JUDGED = 256
"""Crops in one forward pass of the validation."""

_LEAST = 2048
"""Samples of an epoch; fewer verdicts are seen several times."""

_PLACE = 0.5
"""Weight of the distance of the focus from right labels in the loss."""

_TINY = 1e-6
"""Smallest sum of weights."""


class QualityTrainingTask:
    """Trains the difference between good and bad labels.

    A third of each batch are good ones, a sixth bad ones of people, and half are good ones whose
    mark was moved: most verdicts are true, and a moved mark teaches where the right place is. A
    mark that was moved a little may still be good, so the target of the loss is a chance. Labels
    that nobody judged are mostly right, so they are moved, too.

    Args:
        network: The network with its initial weights.
        training: Labels to learn from; at least one good and one bad.
        held_out: Labels for validation; at least one good and one bad.
        unjudged: Labels without a verdict, of other groups than those that are held out; None
            without any.
        seed: Determines, with the epoch, the order and augmentation of the labels.
        augmentation: Strengths of the augmentation; None: the defaults.

    Attributes:
        network: The given network.
        goal: The figure of :meth:`judge` that is minimised.
        fingerprint: Hash of all inputs of the training except for its options.

    """

    goal = "misranked"

    def __init__(
        self,
        network: QualityCnn,
        training: QualitySamples,
        held_out: QualitySamples,
        *,
        unjudged: QualitySamples | None = None,
        seed: int = 0,
        augmentation: QualityAugmentation | None = None,
    ) -> None:
        self.network: nn.Module = network
        self._view, self._seed = training.view, seed
        self._augmentation = augmentation or QualityAugmentation()
        self._count = len(training)
        self._good, self._bad = (
            torch.from_numpy(np.flatnonzero(training.bad == bad)) for bad in (False, True)
        )
        every = training if unjudged is None else training.joined(unjudged)
        self._labels = labels_of(every)
        self._weight = torch.from_numpy(every.weight.copy())
        self._moved = torch.cat([self._good, torch.arange(self._count, len(every))])
        self._held_out = held_out
        said = repr((seed, self._augmentation)).encode()
        self.fingerprint = fingerprint_of(network, said, every.digest(), held_out.digest())

    def count(self, batch: int) -> int:
        """Number of batches per epoch, in which each label is seen about once."""
        return max(self._count, _LEAST) // batch

    def batches(self, epoch: int, batch: int) -> Iterator[Mapping[str, Tensor]]:
        """Augmented labels in a new order; the last part of each batch are moved ones."""
        count = self.count(batch)
        good, real = -(-batch // 3), batch // 6
        moved = batch - good - real
        orders = [
            _repeated(rows, count * share, TensorRng(self._seed, epoch, kind)).reshape(count, -1)
            for kind, (rows, share) in enumerate(
                [(self._good, good), (self._bad, real), (self._moved, moved)]
            )
        ]
        for number, rows in enumerate(zip(*orders, strict=True)):
            rng = TensorRng(self._seed, epoch, 3 + number)
            yield self._batch(torch.cat(rows[:2]), rows[2], good, rng)

    def _batch(self, rows: Tensor, moved: Tensor, good: int, rng: TensorRng) -> dict[str, Tensor]:
        away, chances = displaced(self._labels[moved], self._view, self._augmentation, rng)
        own, every = self._labels[rows], torch.cat([rows, moved])
        right = self._labels[every]
        shown = Marked(
            right.pixels,
            torch.cat([own.points, away.points]),
            torch.cat([own.boxes, away.boxes]),
        )
        crops, middles = augmented(shown, right, self._view, self._augmentation, rng)
        number = torch.arange(len(every))
        return {
            "crops": crops,
            "bad": torch.cat([(number[: len(rows)] >= good).float(), chances]),
            "middles": middles,
            "known": ((number < good) | (number >= len(rows))).float(),
            "weight": self._weight[every],
        }

    def loss(self, network: nn.Module, batch: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """Cross-entropy of the verdicts, and distance of the focus from right labels."""
        judged: Judged = network(batch["crops"])
        weight = batch["weight"]
        errors = functional.binary_cross_entropy_with_logits(
            judged.logits, batch["bad"], weight, reduction="sum"
        )
        verdict = errors / weight.sum().clamp(min=_TINY)
        weight = weight * batch["known"]
        away = ((judged.focus - batch["middles"]) / NEAR).square().sum(1)
        place = (((away + 1).sqrt() - 1) * weight).sum() / weight.sum().clamp(min=_TINY)
        return {"loss": verdict + _PLACE * place, "verdict": verdict, "place": place}

    def judge(self, network: nn.Module) -> dict[str, float]:
        """Figures on the held-out labels; see :func:`quality_figures`."""
        return quality_figures(logits_of(network, self._held_out), self._held_out.bad)


def labels_of(samples: QualitySamples) -> Marked:
    """The crops and labels of samples, as tensors."""
    columns = (samples.pixels, samples.points, samples.boxes)
    return Marked(*(torch.from_numpy(np.ascontiguousarray(values)) for values in columns))


@torch.no_grad()
def logits_of(network: nn.Module, samples: QualitySamples) -> NDArray[np.float64]:
    """(n,) log odds that labels are bad.

    Args:
        network: In evaluation mode.
        samples: The labels.

    """
    device = next(network.parameters()).device
    labels = labels_of(samples)
    parts = [
        network(plain(labels[first : first + _JUDGED], samples.view).to(device)).logits.cpu()
        for first in range(0, len(labels), _JUDGED)
    ]
    return torch.cat(parts).double().numpy()


def _repeated(rows: Tensor, count: int, rng: TensorRng) -> Tensor:
    """``count`` of the rows in random order, each about equally often."""
    orders = [rows[rng.order(len(rows))] for _ in range(-(-count // len(rows)))]
    return torch.cat(orders)[:count]
