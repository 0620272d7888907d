"""What a network does, reported: no judging is so long that a cancelling waits for all of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn

from closeup.progress import Progress


@contextmanager
def reporting(network: nn.Module, progress: Progress) -> Iterator[None]:
    """Report every forward pass of a network, and of copies made of it, in this block.

    Args:
        network: Any.
        progress: Receives an advance of 0; what it raises ends the forward pass.

    """
    handle = network.register_forward_hook(lambda *_: progress.advance(0))
    try:
        yield
    finally:
        handle.remove()
