"""From a member's trajectory to the view of the member's video in every frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple

import numpy as np
from numpy.typing import NDArray

from closeup.camera_path import CameraPath, View
from closeup.fancam.camera.clock import frame_interval
from closeup.fancam.camera.framing import CropSpace, inside_frame
from closeup.fancam.camera.overrides import CropOverride, with_overrides
from closeup.fancam.camera.smoothing import l1_path, moving_average
from closeup.fancam.camera.stretch import Stretch
from closeup.fancam.camera.stretches import longer_than, runs, shots
from closeup.fancam.fill import fill_gaps
from closeup.fancam.options import Absent, FancamOptions, Smoothing, Zoom
from closeup.geometry import Box, Boxes, Size, clipped
from closeup.tracks import Trajectory

GLIDE = 0.5
"""Seconds; during a shorter absence of the member the crop moves on, without a wide view."""

SHORTEST_CLOSE = 0.3
"""Seconds; a shorter close view would look like a flash, and is not shown."""

ZOOM_STRAY = 0.15
"""Difference of the crop's height from the wanted one that costs nothing; natural logarithm."""

PACE_OF_WEIGHTS = 30.0
"""Frame rate for which the weights of the optimal path were chosen."""


def plan_camera(
    trajectory: Trajectory,
    times: NDArray[np.float64],
    cuts: Sequence[int],
    frame_size: Size,
    options: FancamOptions,
    overrides: Sequence[CropOverride] = (),
    soles: NDArray[np.float64] | None = None,
    areas: Sequence[Box] | None = None,
) -> CameraPath:
    """Plan the crop of every frame of one member's video.

    Each stretch of one shot in which the member is seen is CLOSE and is planned separately. It
    includes absences of up to ``GLIDE`` seconds, in which the face is interpolated. The other
    frames follow ``options.absent``: WIDE, SKIP or, for ``hold``, CLOSE with the shot's previous
    window (before the first stretch with its first window, and WIDE in a shot without the member).
    A stretch shorter than ``SHORTEST_CLOSE`` counts as absence, except with ``hold``, or if it is
    the whole shot.

    The whole face box is inside the crop of every CLOSE frame where the member is seen, except
    with the moving average, and in the time range of an override.

    Args:
        trajectory: Positions of the member, n rows.
        times: (n,) seconds, increasing, on the clock of the overrides.
        cuts: Index of the first frame of every new shot.
        frame_size: The source's size in pixels.
        options: Framing, zoom, size, smooth and absent are used.
        overrides: Crops set by the user; see :func:`with_overrides`.
        soles: (n,) rows in which the member's soles were seen, in source pixels, NaN in other
            frames; None to derive all from the face.
        areas: The part of the picture without bars, one box a shot; crops lie inside it, and the
            wide view shows nothing else. None for the whole picture.

    Raises:
        ValueError: ``times`` has not n values, an override is empty, or there is not one area
            a shot.

    """
    frame = CropSpace(frame_size, options.output_size(frame_size))
    seen, hold = fill_gaps(trajectory, times, cuts, GLIDE), options.absent is Absent.HOLD
    boxes = seen.boxes.copy()
    away = View.SKIP if options.absent is Absent.CUT else View.WIDE
    windows, shown = np.zeros((len(seen), 3)), np.zeros((len(seen), 4))
    views = np.full(len(seen), away, np.uint8)
    parts = shots(len(seen), cuts)
    for shot, area in zip(parts, areas or [frame.area] * len(parts), strict=True):
        space = CropSpace.inside(area, frame.output)
        windows[shot], shown[shot] = space.whole, astuple(area)
        close = runs(seen.present, shot)
        if not hold:
            close = longer_than(close, SHORTEST_CLOSE, times, shot)
        boxes[shot] = clipped(boxes[shot], shown[shot])
        crops = _crops(boxes, times, soles, close, space, options)
        for part, own in zip(close, crops, strict=True):
            windows[part], views[part] = own, View.CLOSE
        if hold and close:
            _hold(windows, views, shot)
    planned = CameraPath(frame.output, windows, views, shown if areas else None)
    return with_overrides(planned, times, cuts, frame, overrides)


def _crops(
    boxes: Boxes,
    times: NDArray[np.float64],
    soles: NDArray[np.float64] | None,
    parts: Sequence[slice],
    space: CropSpace,
    options: FancamOptions,
) -> list[NDArray[np.float64]]:
    """Crops (n, 3) of each part of one shot in which the member is seen."""
    stretches = [
        Stretch.framed(
            boxes[part], times[part], space, options, None if soles is None else soles[part]
        )
        for part in parts
    ]
    heights = _heights(stretches, space, options)
    return [
        _windows(stretch, own, space, options)
        for stretch, own in zip(stretches, heights, strict=True)
    ]


def _hold(windows: NDArray[np.float64], views: NDArray[np.uint8], shot: slice) -> None:
    """Hold the last CLOSE window of a shot in its other frames; before the first one, that one."""
    close = np.flatnonzero(views[shot] == View.CLOSE) + shot.start
    last = np.searchsorted(close, np.arange(shot.start, shot.stop), side="right") - 1
    windows[shot] = windows[close[np.maximum(last, 0)]]
    views[shot] = View.CLOSE


def _heights(
    stretches: Sequence[Stretch], space: CropSpace, options: FancamOptions
) -> list[NDArray[np.float64]]:
    """Heights of the crops of each stretch of one shot."""
    wanted = [stretch.wanted_heights(space) for stretch in stretches]
    required = [stretch.required_heights(space) for stretch in stretches]
    if options.zoom is Zoom.FIXED and stretches:
        needed = float(max(column.max() for column in required))
        height = max(float(np.median(np.concatenate(wanted))), needed)
        return [np.full(len(column), height) for column in wanted]
    if options.smooth is Smoothing.MOVING_AVERAGE:
        return [
            moving_average(column, stretch.times)
            for stretch, column in zip(stretches, wanted, strict=True)
        ]
    return [
        _calm_heights(column, least, stretch.times, space)
        for stretch, column, least in zip(stretches, wanted, required, strict=True)
    ]


def _calm_heights(
    wanted: NDArray[np.float64],
    required: NDArray[np.float64],
    times: NDArray[np.float64],
    space: CropSpace,
) -> NDArray[np.float64]:
    """Smoothed heights; zoom is perceived as a ratio, so the logarithm is smoothed."""
    lower = np.log(required)
    upper = np.maximum(np.log(space.frame.height), lower)
    band = np.full(len(wanted), ZOOM_STRAY)
    return np.exp(l1_path(np.log(wanted), band, lower, upper, _pace(times)))


def _windows(
    stretch: Stretch, heights: NDArray[np.float64], space: CropSpace, options: FancamOptions
) -> NDArray[np.float64]:
    """Crops of these heights for one stretch; shape (n, 3)."""
    wanted = stretch.wanted_centres(heights)
    if options.smooth is Smoothing.MOVING_AVERAGE:
        averaged = moving_average(wanted, stretch.times)
        return inside_frame(np.column_stack([averaged, heights]), space)
    lower, upper = stretch.centre_limits(heights, space)
    # A wanted centre outside the limits would pull towards a place that cannot be reached.
    wanted = np.clip(wanted, lower, upper)
    band, pace = stretch.stray(heights, space), _pace(stretch.times)
    centres = [
        l1_path(wanted[:, axis], band[:, axis], lower[:, axis], upper[:, axis], pace)
        for axis in range(2)
    ]
    return np.column_stack([*centres, heights])


def _pace(times: NDArray[np.float64]) -> float:
    """Duration of a frame in units of 1 / ``PACE_OF_WEIGHTS`` seconds."""
    return frame_interval(times) * PACE_OF_WEIGHTS
