"""Where the network learns, and with what precision."""

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
    """The device for ``device``.

    Raises:
        InputError: a GPU was asked for, and there is none.

    """
    there = torch.cuda.is_available()
    if device == "cuda" and not there:
        raise InputError("there is no CUDA GPU that torch can use; choose the device cpu or auto")
    return "cuda" if there and device != "cpu" else "cpu"


def accelerator(place: Place) -> str:
    """Lightning's name of it."""
    return "gpu" if place == "cuda" else "cpu"


def choose_precision(place: Place, mixed: bool | None) -> Precision:
    """Single precision, or half where that is safe and the device gains by it (``mixed`` None)."""
    if mixed is False or (mixed is None and place == "cpu"):
        return "32-true"
    if place == "cpu" or torch.cuda.is_bf16_supported(including_emulation=False):
        return "bf16-mixed"
    return "16-mixed"


def release_memory() -> None:
    """Give back what a failed attempt held."""
    gc.collect()
    with suppress(RuntimeError):  # the GPU may be gone
        torch.cuda.empty_cache()


@contextmanager
def ignoring_the_gpu(place: Place) -> Iterator[None]:
    """On the CPU, let Lightning not touch a GPU that may have vanished.

    It empties the GPU's cache after it has read a checkpoint, wherever it trains; after
    an error of CUDA every such call fails until the process ends.
    """
    kept = torch.cuda.empty_cache
    if place == "cpu":
        torch.cuda.empty_cache = lambda: None
    try:
        yield
    finally:
        torch.cuda.empty_cache = kept
