"""Shots between cuts, and stretches in which a member is present."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from closeup.fancam.camera.clock import CLOCK_ERROR, frame_interval


def shots(count: int, cuts: Sequence[int]) -> list[slice]:
    """The shots of ``count`` frames, given the first frame of every new one."""
    borders = [0, *sorted({cut for cut in cuts if 0 < cut < count}), count]
    return [slice(a, b) for a, b in pairwise(borders) if a < b]


def runs(mask: NDArray[np.bool_], within: slice) -> list[slice]:
    """The unbroken runs of true frames inside ``within``, in order."""
    padded = np.concatenate([[False], mask[within], [False]])
    borders = np.flatnonzero(padded[1:] != padded[:-1]) + within.start
    return [slice(int(a), int(b)) for a, b in borders.reshape(-1, 2)]


def longer_than(
    stretches: list[slice], seconds: float, times: NDArray[np.float64], shot: slice
) -> list[slice]:
    """The stretches that last at least ``seconds``, and any that is the whole shot."""
    interval = frame_interval(times)
    return [
        part
        for part in stretches
        if part == shot
        or times[part.stop - 1] - times[part.start] + interval >= seconds - CLOCK_ERROR
    ]
