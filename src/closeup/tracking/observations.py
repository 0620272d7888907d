"""The tracker's records and its state, as structured arrays that are saved exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.tracking.clothes import BINS

OBSERVATION = np.dtype(
    [
        ("frame", np.int64),
        ("head", np.int64),
        ("box", np.float32, (4,)),
        ("predicted", np.float32, (4,)),
        ("source", np.uint8),
        ("score", np.float32),
        ("checked", np.bool_),
    ]
)
"""One head in one frame. ``predicted`` is the box predicted by flow, which differs from ``box``
where a detection corrected it; ``checked`` tells whether a detection or the clothes confirmed
the position."""

CLOTHES = np.dtype([("frame", np.int64), ("head", np.int64), ("histogram", np.float32, (BINS,))])
"""Colour histogram of a head's clothes in one frame in which its face was detected."""

HEAD = np.dtype(
    [
        ("id", np.int64),
        ("box", np.float32, (4,)),
        ("seen", np.int64),
        ("checked", np.int64),
        ("alive", np.bool_),
        ("clothes", np.float32, (BINS,)),
        ("embedded", np.int64),
        ("embeddings", np.int64),
    ]
)
"""A tracked head: ``seen`` is the frame of its last detection, ``checked`` that of its last
confirmation, ``embedded`` that of its last embedding (-1 for none). A head that is not ``alive``
is lost and may be found again by its clothes."""


@dataclass(frozen=True, slots=True, eq=False)
class TrackerState:
    """The state of a tracker, saved with every chunk of an analysis to resume it.

    Attributes:
        heads: (n,) of dtype HEAD.
        next_id: Number of the next new head.

    """

    heads: NDArray[np.void]
    next_id: int

    @classmethod
    def empty(cls) -> TrackerState:
        """The state before the first frame."""
        return cls(np.zeros(0, HEAD), 0)
