"""Interpolation of positions that are missing for a short time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from closeup.fancam.camera.clock import CLOCK_ERROR
from closeup.geometry import boxes_around, centres_of, sides_of
from closeup.tracks import PositionSource, Trajectory

if TYPE_CHECKING:
    from scipy.interpolate import CubicHermiteSpline

_SPEED_SECONDS = 0.3
"""Time on either side of a gap over which the speed is measured."""
ACCELERATION = 200.0
"""Face heights per second² that no dancer's head reaches. A path that needs more leads to another
head: of such positions in composed scenes a quarter was right, of all others three quarters."""


def fill_gaps(
    trajectory: Trajectory,
    times: NDArray[np.float64],
    cuts: Sequence[int],
    max_gap: float,
    *,
    plausible: bool = False,
) -> Trajectory:
    """Interpolate the box where it is missing for a short time.

    A gap is filled if it contains no cut and the known positions on its two sides are at most
    ``max_gap`` apart. The centre follows the cubic path that leaves and arrives with the speeds
    measured on the two sides, or a straight line if that path needs more acceleration than a head
    has; width and height change linearly. Filled rows are ``INTERPOLATED``, have the lower
    confidence of the two sides, and no tracklet; known rows stay unchanged.

    Args:
        trajectory: Where the member is, n rows.
        times: (n,) seconds, increasing; the spacing may vary.
        cuts: Index of the first frame of every new shot.
        max_gap: Seconds from the last position before a gap to the first one after it.
        plausible: Leave a gap empty, instead of filling it along a straight line, if its path needs
            more acceleration than a head has: one of its sides is probably on another person.

    Raises:
        ValueError: ``times`` has not n values.

    """
    if len(times) != len(trajectory):
        raise ValueError(f"{len(trajectory)} positions but {len(times)} times; give one a frame")
    boxes, sources = trajectory.boxes.copy(), trajectory.sources.copy()
    confidence = trajectory.confidence.copy()
    for gap in _gaps(trajectory, times, cuts, max_gap):
        if plausible and not gap.plausible:
            continue
        missing = slice(gap.before + 1, gap.after)
        boxes[missing] = gap.boxes(times[missing])
        sources[missing] = PositionSource.INTERPOLATED
        confidence[missing] = confidence[[gap.before, gap.after]].min()
    return Trajectory(trajectory.name, boxes, sources, confidence, trajectory.tracklets.copy())


@dataclass(frozen=True, slots=True, eq=False)
class _Gap:
    """Frames without a position between two known ones.

    Attributes:
        before: Index of the frame before the gap.
        after: Index of the frame after it.
        times: Seconds of these two frames.
        centres: (2, 2) centres x, y of their boxes.
        sides: (2, 2) widths and heights of their boxes.
        speeds: (2, 2) pixels per second at the two frames.

    """

    before: int
    after: int
    times: NDArray[np.float64]
    centres: NDArray[np.float64]
    sides: NDArray[np.float64]
    speeds: NDArray[np.float64]

    @property
    def _path(self) -> CubicHermiteSpline:
        from scipy.interpolate import CubicHermiteSpline  # slow to import

        return CubicHermiteSpline(self.times, self.centres, self.speeds)

    @property
    def plausible(self) -> bool:
        """Whether a head can move along the path; its acceleration is largest at an end."""
        acceleration = np.linalg.norm(self._path(self.times, 2), axis=1).max()
        return bool(acceleration <= ACCELERATION * self.sides[:, 1].max())

    def boxes(self, times: NDArray[np.float64]) -> NDArray[np.float32]:
        """The boxes (n, 4) at some times inside the gap."""
        share = ((times - self.times[0]) / np.diff(self.times))[:, None]
        straight, halves = (
            (1 - share) * known[0] + share * known[1] for known in (self.centres, self.sides / 2)
        )
        centres = self._path(times) if self.plausible else straight
        return boxes_around(centres, halves).astype(np.float32)


def _gaps(
    trajectory: Trajectory, times: NDArray[np.float64], cuts: Sequence[int], max_gap: float
) -> Iterator[_Gap]:
    """The gaps that are short enough and contain no cut."""
    known = np.flatnonzero(trajectory.present)
    shots = np.searchsorted(np.sort(np.asarray(cuts, np.int64)), known, side="right")
    boxes = trajectory.boxes[known].astype(np.float64)
    seconds, centres, sides = times[known], centres_of(boxes), sides_of(boxes)
    missing = (np.diff(known) > 1) & (np.diff(shots) == 0)
    for i in np.flatnonzero(missing & (np.diff(seconds) <= max_gap + CLOCK_ERROR)):
        ends = slice(i, i + 2)
        mean = (centres[i + 1] - centres[i]) / (seconds[i + 1] - seconds[i])
        low, high = np.searchsorted(shots, (shots[i], shots[i] + 1))
        outward = np.arange(i, low - 1, -1), np.arange(i + 1, high)
        speeds = [_speed(seconds[rows], centres[rows], mean) for rows in outward]
        yield _Gap(
            int(known[i]), int(known[i + 1]), seconds[ends], centres[ends], sides[ends],
            np.array(speeds),
        )  # fmt: skip


def _speed(
    seconds: NDArray[np.float64], centres: NDArray[np.float64], default: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Speed at the first of some rows: the slope of the best line through it, over a short time.

    Args:
        seconds: (n,) times, increasing or decreasing.
        centres: (n, 2) positions.
        default: (2,) the speed if there is only one row near.

    """
    near = np.abs(seconds - seconds[0]) <= _SPEED_SECONDS + CLOCK_ERROR
    time, moved = seconds[near] - seconds[0], centres[near] - centres[0]
    if len(time) < 2:
        return default
    return np.asarray(time @ moved / (time @ time))
