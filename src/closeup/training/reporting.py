"""A progress report for each forward pass, so that a long validation can be cancelled."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn

from closeup.progress import Progress


@contextmanager
def reporting(network: nn.Module, progress: Progress) -> Iterator[None]:
    """Report every forward pass of a network and of its copies in this block.

    Args:
        network: The network to watch.
        progress: Receives an advance of 0; an exception it raises ends the forward pass.

    """
    handle = network.register_forward_hook(lambda *_: progress.advance(0))
    try:
        yield
    finally:
        handle.remove()
