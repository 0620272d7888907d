"""Crops set by the user: exact in their time range, blended with the planned path around it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from closeup.camera_path import CameraPath, View
from closeup.fancam.camera.clock import CLOCK_ERROR
from closeup.fancam.camera.framing import CropSpace, inside_frame
from closeup.fancam.camera.stretches import runs, shots

EASE = 0.5
"""Seconds in which the crop moves from its planned place to the override, and back."""


class CropOverride(NamedTuple):
    """In ``start`` ≤ time < ``end`` (seconds) the crop holds the box xyxy (source pixels)."""

    start: float
    end: float
    x1: float
    y1: float
    x2: float
    y2: float


def with_overrides(
    path: CameraPath,
    times: NDArray[np.float64],
    cuts: Sequence[int],
    space: CropSpace,
    overrides: Sequence[CropOverride],
) -> CameraPath:
    """Insert the crops set by the user into a planned path.

    In an override's time range the crop is the smallest one of the output's shape around the box,
    moved into the frame, independently of the member's position; of two overrides at one time the
    later row counts. In the half second before and after, inside the shot and while the view is
    CLOSE, the planned crop blends into it and back. Where the two do not overlap the crop jumps
    instead, since a fast pan over other people would be worse.

    Raises:
        ValueError: the time range or the box of an override is empty or not finite.

    """
    windows, views = path.windows.copy(), path.views.copy()
    owner = np.full(len(path), -1)
    for number, row in enumerate(overrides):
        _check(row)
        owner[(times >= row.start - CLOCK_ERROR) & (times < row.end - CLOCK_ERROR)] = number
    views[owner >= 0] = View.CLOSE
    free = (owner < 0) & (views == View.CLOSE)
    for shot in shots(len(path), cuts):
        for number, row in enumerate(overrides):
            target = _window(row, space)
            for held in runs(owner == number, shot):
                windows[held] = target
                for near, distance in _around(held, shot, free, times):
                    windows[near] = _eased(windows[near], target, distance, space)
    return replace(path, windows=windows, views=views)


def _check(row: CropOverride) -> None:
    sound = all(map(math.isfinite, row)) and row.x1 < row.x2 and row.y1 < row.y2
    if not (sound and row.start < row.end):
        box = ", ".join(f"{value:g}" for value in row[2:])
        raise ValueError(
            f"the crop ({box}) from {row.start:g} s to {row.end:g} s is empty; "
            "give start < end, x1 < x2 and y1 < y2"
        )


def _window(row: CropOverride, space: CropSpace) -> NDArray[np.float64]:
    """The smallest crop around the row's box, as centre x, centre y, height; shape (3,)."""
    height = max(row.y2 - row.y1, (row.x2 - row.x1) / space.aspect)
    window = np.array([[(row.x1 + row.x2) / 2, (row.y1 + row.y2) / 2, height]])
    return np.asarray(inside_frame(window, space)[0])


def _around(
    held: slice, shot: slice, free: NDArray[np.bool_], times: NDArray[np.float64]
) -> list[tuple[NDArray[np.int64], NDArray[np.float64]]]:
    """Free frames within ``EASE`` seconds of ``held``, nearest first, and their distances."""
    sides = []
    for edge, order in (
        (held.start, range(held.start - 1, shot.start - 1, -1)),
        (held.stop - 1, range(held.stop, shot.stop)),
    ):
        near = []
        for frame in order:
            if not free[frame] or abs(times[frame] - times[edge]) >= EASE:
                break
            near.append(frame)
        frames = np.array(near, np.int64)
        sides.append((frames, np.abs(times[frames] - times[edge])))
    return sides


def _eased(
    windows: NDArray[np.float64],
    target: NDArray[np.float64],
    distance: NDArray[np.float64],
    space: CropSpace,
) -> NDArray[np.float64]:
    """Blend crops (n, 3) into ``target`` (3,) by their distance from it in seconds (n,).

    Speed and acceleration of the blend are zero at its ends (minimum-jerk curve: Flash and
    Hogan, 1985).
    """
    if not len(windows) or not _overlap(windows[0], target, space):
        return windows
    near = (1 - distance / EASE)[:, None]
    share = near**3 * (10 - 15 * near + 6 * near**2)
    return inside_frame((1 - share) * windows + share * target, space)


def _overlap(a: NDArray[np.float64], b: NDArray[np.float64], space: CropSpace) -> bool:
    """Whether two crops share any area."""
    reach = space.sides(np.array([(a[2] + b[2]) / 2]))[0]
    return bool(np.all(np.abs(a[:2] - b[:2]) < reach))
