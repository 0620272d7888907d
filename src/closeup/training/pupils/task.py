"""The training task of pupil networks, for :func:`closeup.training.fitting.fit`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from closeup.training.pupils.augmentation import EyeBatch, PupilAugmentation, augmented
from closeup.training.pupils.losses import PupilLossOptions, pupil_losses
from closeup.training.pupils.network import EyeInput, PupilNetwork
from closeup.training.pupils.samples import PUPIL, EyeSamples
from closeup.training.pupils.validation import PupilValidation
from closeup.training.rng import TensorRng
from closeup.training.task import fingerprint_of

_FINER = 1.8
"""Most pixels of a stored crop per pixel of the input: finer detail would only alias."""


class PupilTrainingTask:
    """Trains points, openness and visibility of eyes.

    Args:
        network: The network with its initial weights.
        training: Training samples.
        held_out: Validation samples; faces of other people.
        seed: Determines, with the epoch, order and augmentation of the samples.
        augmentation: Strengths of the augmentation; None: the defaults.
        losses: Form and weights of the losses; None: the defaults.

    Attributes:
        network: The given network.
        goal: The figure of :meth:`judge` that is minimised.
        fingerprint: Hash of all inputs of the training except for its options.

    """

    goal = "mean_error"

    def __init__(
        self,
        network: PupilNetwork,
        training: EyeSamples,
        held_out: EyeSamples,
        *,
        seed: int = 0,
        augmentation: PupilAugmentation | None = None,
        losses: PupilLossOptions | None = None,
    ) -> None:
        self.network: nn.Module = network
        self._given = network.given
        self._seed = seed
        self._augmentation = augmentation or PupilAugmentation()
        self._losses = losses or PupilLossOptions()
        self._eyes = eyes_of(training, network.given)
        self._trial = PupilValidation(
            eyes_of(held_out, network.given), held_out.faces, network.given
        )
        said = repr((seed, self._augmentation, self._losses, network.given)).encode()
        eyes = (own.content() for own in (self._eyes, self._trial.eyes))
        self.fingerprint = fingerprint_of(network, said, *eyes)

    def count(self, batch: int) -> int:
        """Number of batches per epoch; at least one if there are two samples or more."""
        samples = len(self._eyes)
        return samples // batch or int(samples > 1)

    def batches(self, epoch: int, batch: int) -> Iterator[Mapping[str, Tensor]]:
        """Augmented samples in a new order; each sample at most once."""
        order = TensorRng(self._seed, epoch).order(len(self._eyes))
        for number in range(self.count(batch)):
            rows = order[number * batch : (number + 1) * batch]
            rng = TensorRng(self._seed, epoch, 1 + number)
            yield augmented(self._eyes[rows], self._given, self._augmentation, rng)

    def loss(self, network: nn.Module, batch: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """See :func:`closeup.training.pupils.losses.pupil_losses`."""
        return pupil_losses(network(batch["eyes"]), batch, self._given, self._losses)

    def judge(self, network: nn.Module) -> dict[str, float]:
        """See :meth:`closeup.training.pupils.validation.PupilValidation.judge`."""
        return self._trial.judge(network)


def eyes_of(samples: EyeSamples, given: EyeInput) -> EyeBatch:
    """Samples as tensors, with the points that the network predicts, downscaled for its input."""
    rows, columns = samples.crops.shape[1:]
    shrink = columns / samples.width / given.unit / _FINER
    crops = samples.crops
    if shrink > 1:
        size = (round(columns / shrink), round(rows / shrink))
        crops = np.stack([_shrunk(crop, size) for crop in crops])
    points = samples.points if given.points == 3 else samples.points[:, PUPIL : PUPIL + 1]
    return EyeBatch(
        torch.from_numpy(np.ascontiguousarray(crops)),
        torch.from_numpy(np.ascontiguousarray(points, np.float32)),
        torch.from_numpy(samples.openness.astype(np.float32)),
        torch.from_numpy(samples.weight.astype(np.float32)),
        (samples.width, samples.width * rows / columns),
    )


def _shrunk(crop: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(crop, size, interpolation=cv2.INTER_AREA), np.uint8)
