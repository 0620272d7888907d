"""Failures from which a training recovers: out of memory, and a lost GPU."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from closeup.errors import TrainingError
from closeup.training.devices import Place

_NO_MEMORY = ("out of memory", "can't allocate memory", "not enough memory", "alloc_failed")
_NO_GPU = ("cuda error", "cudnn", "cublas", "no cuda gpus")


@dataclass(frozen=True, slots=True)
class Conditions:
    """Batch size and device, which may be reduced in the middle of a training.

    Attributes:
        place: The device.
        batch: Samples in one step.

    """

    place: Place
    batch: int

    def after(self, error: BaseException) -> Conditions | None:
        """The conditions for the next attempt; None if ``error`` is of another kind.

        Raises:
            TrainingError: memory ran out with a batch of one sample.

        """
        if lacks_memory(error):
            if self.batch == 1:
                raise TrainingError(
                    "not even one sample fits into memory; use a smaller network or the device cpu"
                ) from error
            return replace(self, batch=self.batch // 2)
        if self.place == "cuda" and has_lost_gpu(error):
            return replace(self, place="cpu")
        return None


def lacks_memory(error: BaseException) -> bool:
    """Whether the GPU or the machine ran out of memory."""
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    return isinstance(error, RuntimeError) and _speaks_of(error, _NO_MEMORY)


def has_lost_gpu(error: BaseException) -> bool:
    """Whether the GPU failed; this process cannot use it any more."""
    if isinstance(error, torch.AcceleratorError):
        return True
    return isinstance(error, RuntimeError) and _speaks_of(error, _NO_GPU)


def _speaks_of(error: BaseException, words: tuple[str, ...]) -> bool:
    message = str(error).lower()
    return any(word in message for word in words)
