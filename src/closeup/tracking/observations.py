"""What the tracker writes down, frame by frame: plain arrays that save and load exactly."""

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
"""One head in one frame. ``predicted`` is where the flow expected it, which differs from
``box`` where a detection corrected it; ``checked`` says that a detection or the clothes
confirmed the place, so that it is no mere guess."""

CLOTHES = np.dtype([("frame", np.int64), ("head", np.int64), ("histogram", np.float32, (BINS,))])
"""What a head wore in one frame in which its face was seen."""

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
"""A head that is being followed: ``seen`` is the frame of its last detection, ``checked`` that
of its last confirmation, ``embedded`` that of its last embedding (-1 for none). A head that
is not ``alive`` has been lost and may be found again by its clothes."""


@dataclass(frozen=True, slots=True, eq=False)
class TrackerState:
    """All that a tracker needs to go on: saved with every chunk of an analysis.

    Attributes:
        heads: (n,) of dtype HEAD.
        next_id: The number that the next new head gets.

    """

    heads: NDArray[np.void]
    next_id: int

    @classmethod
    def empty(cls) -> TrackerState:
        """Before the first frame."""
        return cls(np.zeros(0, HEAD), 0)
