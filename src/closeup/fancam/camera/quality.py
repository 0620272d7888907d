"""Quality measures of a camera path for the report: its smoothness, and inclusion of the face."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.camera_path import CameraPath, View
from closeup.fancam.camera.clock import frame_interval
from closeup.fancam.camera.stretches import runs, shots
from closeup.geometry import Size, clipped, hold
from closeup.tracks import Trajectory

MOVING = 0.1
"""Pixels a frame; below this speed the crop counts as still when reversals are counted."""

ROUNDING = 0.01
"""Pixels that a face box may stick out: boxes are float32."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PathQuality:
    """Measures of one path over its CLOSE frames, separately for each stretch of a shot.

    Attributes:
        frames: Number of CLOSE frames.
        p95_jerk: 95th percentile of the length of the third difference of the crop's centre,
            in source pixels per frame³; 0 if there are no four consecutive frames.
        reversals: Changes of the crop's direction a second, horizontally or vertically, at a
            speed of more than ``MOVING`` pixels a frame before and after.
        zoom_rate: Mean change of the crop's height a second, in natural logarithms: 0.1 is
            about 10 % a second.
        inclusion: Share of the CLOSE frames with the member present in which the whole face
            box (clipped to the frame, without bars) is in the crop; 1 if there is no such frame.

    """

    frames: int
    p95_jerk: float
    reversals: float
    zoom_rate: float
    inclusion: float


def measure_path(
    path: CameraPath,
    trajectory: Trajectory,
    times: NDArray[np.float64],
    cuts: Sequence[int],
    frame_size: Size,
) -> PathQuality:
    """Measure the smoothness of ``path``, and how well it holds the trajectory it follows.

    Args:
        path: One window a frame, n rows.
        trajectory: Positions of the member, n rows.
        times: (n,) seconds, increasing.
        cuts: Index of the first frame of every new shot.
        frame_size: The source's size in pixels.

    """
    close = path.views == View.CLOSE
    parts = [part for shot in shots(len(path), cuts) for part in runs(close, shot)]
    count = int(close.sum())
    seconds = count * frame_interval(times)
    jerks = [_jerk(path.windows[part, :2]) for part in parts]
    turns = sum(_reversals(path.windows[part, axis]) for part in parts for axis in range(2))
    zoomed = sum(float(np.abs(np.diff(np.log(path.windows[part, 2]))).sum()) for part in parts)
    return PathQuality(
        frames=count,
        p95_jerk=_percentile(np.concatenate([np.empty(0), *jerks]), 95),
        reversals=turns / seconds if count else 0.0,
        zoom_rate=zoomed / seconds if count else 0.0,
        inclusion=_inclusion(path, trajectory, close & trajectory.present, frame_size),
    )


def _jerk(centres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Length of the third difference of points (n, 2); shape (n - 3,), or (0,)."""
    return np.asarray(np.linalg.norm(np.diff(centres, 3, axis=0), axis=1))


def _percentile(values: NDArray[np.float64], share: float) -> float:
    return float(np.percentile(values, share)) if len(values) else 0.0


def _reversals(positions: NDArray[np.float64]) -> int:
    """Number of changes of direction along one axis (n,)."""
    speeds = np.diff(positions)
    directions = np.sign(speeds[np.abs(speeds) > MOVING])
    return int(np.count_nonzero(np.diff(directions)))


def _inclusion(
    path: CameraPath, trajectory: Trajectory, rows: NDArray[np.bool_], frame_size: Size
) -> float:
    """Share of ``rows`` with the whole face box in the crop."""
    if not rows.any():
        return 1.0
    limits = frame_size if path.areas is None else path.areas[rows]
    crops, faces = path.boxes()[rows], clipped(trajectory.boxes[rows], limits)
    return float(hold(crops, faces, ROUNDING).mean())
