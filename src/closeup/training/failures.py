"""What a training can get over: too little memory, and a GPU that vanishes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from closeup.errors import TrainingError
from closeup.training.devices import Place

_NO_MEMORY = ("out of memory", "can't allocate memory", "not enough memory", "alloc_failed")
_NO_GPU = ("cuda error", "cudnn", "cublas", "no cuda gpus")


@dataclass(frozen=True, slots=True)
class Conditions:
    """What may become less in the middle of a training.

    Attributes:
        place: The device.
        batch: Samples in one step.

    """

    place: Place
    batch: int

    def after(self, error: BaseException) -> Conditions | None:
        """The conditions under which to try again, or None where ``error`` is another.

        Raises:
            TrainingError: memory does not even suffice for one sample.

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
    """Whether memory ran out, of the GPU or of the machine."""
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    return isinstance(error, RuntimeError) and _speaks_of(error, _NO_MEMORY)


def has_lost_gpu(error: BaseException) -> bool:
    """Whether the GPU failed; nothing can be done on it any more in this process."""
    if isinstance(error, torch.AcceleratorError):
        return True
    return isinstance(error, RuntimeError) and _speaks_of(error, _NO_GPU)


def _speaks_of(error: BaseException, words: tuple[str, ...]) -> bool:
    message = str(error).lower()
    return any(word in message for word in words)
