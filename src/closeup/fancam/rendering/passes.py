"""Division of the videos into passes over the stage video, so that the memory stays bounded."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

from closeup.fancam.rendering.render import RenderJob
from closeup.geometry import Size

MEMORY = 520 * 2**20
"""Bytes for the encoders and the decoded pictures of one pass. Programme, models and analysis take
another 420 MiB, and the whole should stay below 1 GiB (``benchmarks/memory.py``)."""

_ENCODER = 20 * 2**20
_ENCODER_PIXEL = 60
"""Bytes of one x264 encoder, and those that each pixel of its picture adds."""

_DECODED = 12
"""Decoded pictures at a time: those that later ones refer to, those of the decoder's threads, and
those that wait for an encoder."""
_DECODED_PIXEL = 1.5
"""Bytes of a pixel in yuv420p."""


def passes(jobs: Sequence[RenderJob], source: Size) -> list[list[RenderJob]]:
    """Divide jobs into groups that are rendered one after the other, in order.

    A pass over the video costs little beside the encoding of its pictures.

    Args:
        jobs: The videos to make.
        source: Size of the stage video.

    Returns:
        Groups whose encoders fit into :data:`MEMORY`, and groups of one larger video.

    """
    groups: list[list[RenderJob]] = []
    free = 0
    for job in jobs:
        needed = encoder_bytes(job.picture.size)
        if not groups or needed > free:
            groups.append([])
            free = MEMORY - decoded_bytes(source)
        groups[-1].append(job)
        free -= needed
    return groups


def encoder_bytes(size: Size) -> int:
    """Memory in bytes of one encoder of pictures of ``size``."""
    return _ENCODER + _ENCODER_PIXEL * size.width * size.height


def decoded_bytes(source: Size) -> int:
    """Memory in bytes of the decoded pictures of a stage video of size ``source``."""
    return round(_DECODED * _DECODED_PIXEL * source.width * source.height)


def return_freed_memory() -> None:
    """Return freed memory to the system.

    The C library of Linux keeps what the analysis has freed, some hundred megabytes in pieces
    that large pictures do not fit into. Other systems have no such function, and no need for it.
    """
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return
    trim(0)
