"""The device and the precision of a training."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Literal

import torch

from closeup.errors import InputError
from closeup.training.options import Device

Place = Literal["cpu", "cuda"]
Precision = Literal["32-true", "bf16-mixed", "16-mixed"]


def choose_place(device: Device) -> Place:
    """Resolve ``device``: ``auto`` is the GPU if torch can use one, else the CPU.

    Raises:
        InputError: ``device`` is ``cuda``, and torch finds no GPU.

    """
    there = torch.cuda.is_available()
    if device == "cuda" and not there:
        raise InputError("there is no CUDA GPU that torch can use; choose the device cpu or auto")
    return "cuda" if there and device != "cpu" else "cpu"


def accelerator(place: Place) -> str:
    """Lightning's name of the device."""
    return "gpu" if place == "cuda" else "cpu"


def choose_precision(place: Place, mixed: bool | None) -> Precision:
    """Single or mixed half precision; ``mixed`` None chooses mixed precision on a GPU alone."""
    if mixed is False or (mixed is None and place == "cpu"):
        return "32-true"
    if place == "cpu" or torch.cuda.is_bf16_supported(including_emulation=False):
        return "bf16-mixed"
    return "16-mixed"


def release_memory() -> None:
    """Release the memory of a failed attempt."""
    gc.collect()
    with suppress(RuntimeError):  # the GPU may be gone
        torch.cuda.empty_cache()


@contextmanager
def ignoring_the_gpu(place: Place) -> Iterator[None]:
    """Keep Lightning from calling the GPU while training on the CPU: the GPU may have failed.

    Lightning empties the GPU's cache after reading a checkpoint, on any device; after a
    CUDA error, every such call fails until the process ends.
    """
    kept = torch.cuda.empty_cache
    if place == "cpu":
        torch.cuda.empty_cache = lambda: None
    try:
        yield
    finally:
        torch.cuda.empty_cache = kept
