"""Small tracklets for tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from closeup.tracking.clothes import BINS
from closeup.tracks import PositionSource, Tracklet


def make_tracklet(
    number: int,
    start: int,
    stop: int,
    *,
    seen: tuple[int, int] | None = None,
    hidden: tuple[int, int] = (0, -1),
    box: Sequence[float] | NDArray[np.float32] = (10, 10, 50, 60),
    vectors: Sequence[Sequence[float]] = (),
    colour: int | None = None,
) -> Tracklet:
    """A tracklet over frames ``start..stop`` whose face is detected in ``seen``.

    ``seen`` and ``hidden`` are first and last frames; within ``hidden`` the head is only followed.
    ``box`` is one for all frames or one for each.
    """
    frames = np.arange(start, stop)
    first, last = seen or (start, stop - 1)
    detected = (frames >= first) & (frames <= last)
    detected &= (frames < hidden[0]) | (frames > hidden[1])
    worn = np.zeros(BINS, np.float32)
    if colour is not None:
        worn[colour] = 1
    return Tracklet(
        id=number,
        head=number,
        frames=frames,
        boxes=np.broadcast_to(np.asarray(box, np.float32), (len(frames), 4)).copy(),
        sources=np.where(detected, PositionSource.DETECTED, PositionSource.TRACKED).astype(
            np.uint8
        ),
        scores=np.ones(len(frames), np.float32),
        embeddings=np.array(vectors, np.float32).reshape(len(vectors), -1 if len(vectors) else 3),
        embedded_frames=np.full(len(vectors), first, np.int64),
        weights=np.ones(len(vectors), np.float32),
        appearance=worn,
    )
