"""Linear interpolation of positions that are missing for a short time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from closeup.fancam.camera.clock import CLOCK_ERROR
from closeup.tracks import PositionSource, Trajectory


def fill_gaps(
    trajectory: Trajectory,
    times: NDArray[np.float64],
    cuts: Sequence[int],
    max_gap: float,
) -> Trajectory:
    """Interpolate the box linearly in time where it is missing for a short time.

    A gap is filled if it contains no cut and the known positions on its two sides are at most
    ``max_gap`` apart. Filled rows are ``INTERPOLATED``, have the lower confidence of the two
    sides, and no tracklet; known rows stay unchanged.

    Args:
        trajectory: Where the member is, n rows.
        times: (n,) seconds, increasing; the spacing may vary.
        cuts: Index of the first frame of every new shot.
        max_gap: Seconds from the last position before a gap to the first one after it.

    Raises:
        ValueError: ``times`` has not n values.

    """
    if len(times) != len(trajectory):
        raise ValueError(f"{len(trajectory)} positions but {len(times)} times; give one a frame")
    known = np.flatnonzero(trajectory.present)
    before, after = known[:-1], known[1:]
    shots = np.searchsorted(np.sort(np.asarray(cuts, np.int64)), known, side="right")
    fillable = (
        (after - before > 1)
        & (shots[:-1] == shots[1:])
        & (times[after] - times[before] <= max_gap + CLOCK_ERROR)
    )
    before, after = before[fillable], after[fillable]
    missing = _between(before, after)
    if not len(missing):
        return trajectory
    gap = np.repeat(np.arange(len(before)), after - before - 1)
    return _filled(trajectory, times, missing, before[gap], after[gap])


def _between(before: NDArray[np.int64], after: NDArray[np.int64]) -> NDArray[np.int64]:
    """All whole numbers strictly between each pair, in order."""
    return np.concatenate(
        [np.arange(a + 1, b) for a, b in zip(before, after, strict=True)] or [np.empty(0, np.int64)]
    )


def _filled(
    trajectory: Trajectory,
    times: NDArray[np.float64],
    missing: NDArray[np.int64],
    before: NDArray[np.int64],
    after: NDArray[np.int64],
) -> Trajectory:
    """Put the rows ``missing`` on the line from the rows ``before`` to the rows ``after``."""
    share = ((times[missing] - times[before]) / (times[after] - times[before]))[:, None]
    boxes = trajectory.boxes.copy()
    boxes[missing] = (1 - share) * boxes[before] + share * boxes[after]
    sources = trajectory.sources.copy()
    sources[missing] = PositionSource.INTERPOLATED
    confidence = trajectory.confidence.copy()
    confidence[missing] = np.minimum(confidence[before], confidence[after])
    return Trajectory(trajectory.name, boxes, sources, confidence, trajectory.tracklets.copy())
