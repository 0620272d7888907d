"""The training task of detectors, for :func:`closeup.training.fitting.fit`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from torch import Tensor, nn

from closeup.geometry import Size
from closeup.training.detection.augmentation import DetectionAugmentation
from closeup.training.detection.batching import TrainingBatches
from closeup.training.detection.decode import grid_of
from closeup.training.detection.losses import DetectionLossOptions, detection_losses
from closeup.training.detection.network import DetectionNetwork, as_input
from closeup.training.detection.pictures import USUAL_MEMORY
from closeup.training.detection.samples import DetectionSet
from closeup.training.detection.validation import DetectionValidation
from closeup.training.task import fingerprint_of


class DetectionTrainingTask:
    """Trains boxes, classes and key points of pictures.

    Args:
        network: The network with its initial weights.
        training: Training pictures.
        held_out: Validation pictures.
        canvas: Input size for validation and prediction; the sides are multiples of 32.
        crop: Input size for training; the sides are multiples of 32.
        seed: Determines, with the epoch, order and augmentation of the pictures.
        augmentation: Strengths of the augmentation; None: the defaults.
        losses: Weights of the losses; None: the defaults.
        memory: Bytes of decoded pictures to keep.

    Attributes:
        network: The given network.
        validation: The validation on ``held_out``.
        goal: The figure of :meth:`judge` that is minimised.
        fingerprint: Hash of all inputs of the training except for its options.

    """

    goal = "map_lack"

    def __init__(
        self,
        network: DetectionNetwork,
        training: DetectionSet,
        held_out: DetectionSet,
        canvas: Size,
        crop: Size,
        *,
        seed: int = 0,
        augmentation: DetectionAugmentation | None = None,
        losses: DetectionLossOptions | None = None,
        memory: int = USUAL_MEMORY,
    ) -> None:
        self.network: nn.Module = network
        self._losses = losses or DetectionLossOptions()
        options = augmentation or DetectionAugmentation()
        self._batches = TrainingBatches(training, crop, options, seed=seed, memory=memory)
        self.validation = DetectionValidation(held_out, canvas, memory)
        said = repr((seed, options, self._losses, canvas, crop, network.task, network.shape))
        said += training.fingerprint() + held_out.fingerprint()
        self.fingerprint = fingerprint_of(network, said.encode("utf-8", "surrogateescape"))

    def count(self, batch: int) -> int:
        """Number of batches per epoch."""
        return self._batches.count(batch)

    def batches(self, epoch: int, batch: int) -> Iterator[Mapping[str, Tensor]]:
        """Augmented pictures in a new order; each at most once."""
        return self._batches.batches(epoch, batch)

    def loss(self, network: nn.Module, batch: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """See :func:`closeup.training.detection.losses.detection_losses`."""
        images = as_input(batch["images"])
        grid = grid_of(images, cast("DetectionNetwork", network).strides)
        return detection_losses(network(images), batch, grid, self._losses)

    def judge(self, network: nn.Module) -> dict[str, float]:
        """See :meth:`closeup.training.detection.validation.DetectionValidation.judge`."""
        return self.validation.judge(cast("DetectionNetwork", network))
