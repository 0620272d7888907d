"""Whether a face is in sight, or only followed: detectors look at few frames."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from closeup.fancam.camera.stretches import runs
from closeup.tracks import PositionSource, Trajectory

OUT_OF_SIGHT = 0.5
"""Seconds from one detection to the next after which the face counts as hidden between them;
usually a detector looks six times a second."""


def carried(trajectory: Trajectory, edges: NDArray[np.float64]) -> NDArray[np.bool_]:
    """True where a member is tracked for so long that the face must be hidden; shape (n,).

    Args:
        trajectory: Where the member is, n rows.
        edges: (n + 1,) seconds at which the frames begin, and the last one ends.

    """
    hidden = np.zeros(len(trajectory), bool)
    for run in runs(trajectory.sources == PositionSource.TRACKED, slice(0, len(trajectory))):
        hidden[run] = edges[run.stop] - edges[run.start] > OUT_OF_SIGHT
    return hidden
