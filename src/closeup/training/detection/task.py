"""What a detector is to learn, as :func:`closeup.training.fitting.fit` takes it."""

from __future__ import annotations

import hashlib
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


class DetectionTrainingTask:
    """Boxes, classes and key points of pictures.

    Args:
        network: What is to learn, with its first weights.
        training: What it learns from.
        held_out: What it is judged on.
        canvas: What it is shown when it is judged and when it is used; whole strides.
        crop: What it is shown when it learns; whole strides.
        seed: Decides the order and every change of a picture, with the epoch.
        augmentation: How much pictures are changed.
        losses: What is to become small.
        memory: Bytes of decoded pictures to keep.

    Attributes:
        network: As given.
        trial: Judges.
        goal: The figure of :meth:`judge` that must become small.
        fingerprint: Of all that decides the outcome, besides the options of the training.

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
        self.trial = DetectionValidation(held_out, canvas, memory)
        said = repr((seed, options, self._losses, canvas, crop, network.task, network.shape))
        said += training.fingerprint() + held_out.fingerprint()
        self.fingerprint = _digest(said, network)

    def count(self, batch: int) -> int:
        """Batches of one epoch."""
        return self._batches.count(batch)

    def batches(self, epoch: int, batch: int) -> Iterator[Mapping[str, Tensor]]:
        """Changed pictures in a new order; each at most once."""
        return self._batches.batches(epoch, batch)

    def loss(self, network: nn.Module, batch: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """See :func:`closeup.training.detection.losses.detection_losses`."""
        images = as_input(batch["images"])
        grid = grid_of(images, cast("DetectionNetwork", network).strides)
        return detection_losses(network(images), batch, grid, self._losses)

    def judge(self, network: nn.Module) -> dict[str, float]:
        """See :meth:`closeup.training.detection.validation.DetectionValidation.judge`."""
        return self.trial.judge(cast("DetectionNetwork", network))


def _digest(said: str, network: nn.Module) -> str:
    """Of data, options and the weights to begin with."""
    digest = hashlib.sha256(said.encode("utf-8", "surrogateescape"))
    for name, values in network.state_dict().items():
        digest.update(name.encode() + values.cpu().numpy().tobytes())
    return digest.hexdigest()[:16]
