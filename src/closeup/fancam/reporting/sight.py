"""Distinguishes visible faces from heads that are only tracked; detection runs on few frames."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from closeup.fancam.camera.stretches import runs
from closeup.tracks import PositionSource, Trajectory

OUT_OF_SIGHT = 0.5
"""Seconds between two detections above which the face counts as hidden between them; usually
detection runs about five times a second."""


def carried(trajectory: Trajectory, edges: NDArray[np.float64]) -> NDArray[np.bool_]:
    """True where a member is tracked for longer than ``OUT_OF_SIGHT``; shape (n,).

    Args:
        trajectory: Positions of the member, n rows.
        edges: (n + 1,) starts of the frames and end of the last one, in seconds.

    """
    hidden = np.zeros(len(trajectory), bool)
    for run in runs(trajectory.sources == PositionSource.TRACKED, slice(0, len(trajectory))):
        hidden[run] = edges[run.stop] - edges[run.start] > OUT_OF_SIGHT
    return hidden
