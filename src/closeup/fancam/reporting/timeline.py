"""A member's timeline as SVG paths: source and confidence of each position."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.fancam.camera.stretches import runs
from closeup.fancam.reporting.sight import carried
from closeup.tracks import PositionSource, Trajectory

WIDTH = 1000
"""Width of the picture in units; parts shorter than one unit may be left out."""

HEIGHT = 72
CURVE_TOP, CURVE_BOTTOM = 4, 40
"""Heights y at which a confidence of 1 and of 0 are drawn."""
BAND_TOP, BAND_BOTTOM = 46, 64
MARK_TOP, MARK_BOTTOM = 67, 71
"""Upper and lower edge y of the marks of doubtful moments."""

BANDS = ("seen", "carried", "interpolated", "absent")
"""Kinds of stretches: face visible, tracked while hidden, interpolated, member absent."""

_TICKS = 8
_STEPS = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)


@dataclass(frozen=True, slots=True)
class TimelineStrip:
    """Content of ``d`` attributes, in a picture of ``WIDTH`` × ``HEIGHT`` units.

    Attributes:
        bands: Name of ``BANDS`` → its areas.
        curve: Line of the confidence, interrupted where the member is absent.
        marks: The doubtful moments.

    """

    bands: dict[str, str]
    curve: str
    marks: str


def draw_strip(
    trajectory: Trajectory,
    edges: NDArray[np.float64],
    doubtful: Iterable[tuple[float, float]],
) -> TimelineStrip:
    """Draw one member's strip.

    Args:
        trajectory: Positions of the member, n rows.
        edges: (n + 1,) starts of the frames from 0, and end of the last one, in seconds.
        doubtful: Start and end of each moment to mark, in seconds.

    """
    scale = WIDTH / float(edges[-1])
    moments = (np.arange(WIDTH) + 0.5) / scale
    frames = np.searchsorted(edges, moments, side="right") - 1
    kinds = _kinds(trajectory, edges)[frames]
    bands = {
        name: "".join(
            _area(run.start, run.stop, BAND_TOP, BAND_BOTTOM)
            for run in runs(kinds == kind, slice(0, WIDTH))
        )
        for kind, name in enumerate(BANDS)
    }
    marks = "".join(
        _area(a * scale, max(b * scale, a * scale + 2), MARK_TOP, MARK_BOTTOM) for a, b in doubtful
    )
    curve = _curve(trajectory.confidence[frames], trajectory.present[frames])
    return TimelineStrip(bands, curve, marks)


def draw_spans(spans: Iterable[tuple[float, float]], end: float) -> str:
    """Areas of height 8 of the stretches from a start to an end in seconds, as a ``d`` attribute.

    Args:
        spans: Start and end of each stretch.
        end: Length of the video, in the same unit.

    """
    scale = WIDTH / end
    return "".join(_area(a * scale, max(b * scale, a * scale + 2), 0, 8) for a, b in spans)


def cut_lines(cuts: Iterable[float], end: float) -> str:
    """Lines from top to bottom at the moments ``cuts``, as the content of a ``d`` attribute."""
    return "".join(f"M{_unit(cut / end * WIDTH)} 0V{BAND_BOTTOM}" for cut in cuts)


def ticks(end: float) -> list[float]:
    """Round times before ``end`` for the labels below a strip, at most eight."""
    step = next((step for step in _STEPS if end / step <= _TICKS), end / _TICKS)
    return [float(moment) for moment in np.arange(0, end * 0.97, step)]


def _kinds(trajectory: Trajectory, edges: NDArray[np.float64]) -> NDArray[np.int64]:
    """Index into ``BANDS`` for each frame; shape (n,)."""
    sources = trajectory.sources
    return np.select(
        [
            carried(trajectory, edges),
            sources == PositionSource.INTERPOLATED,
            sources == PositionSource.ABSENT,
        ],
        [1, 2, 3],
        default=0,
    )


def _curve(confidence: NDArray[np.float32], present: NDArray[np.bool_]) -> str:
    """Step function over the columns of the picture."""
    heights = CURVE_BOTTOM + (CURVE_TOP - CURVE_BOTTOM) * confidence.astype(np.float64)
    path = ""
    for run in runs(present, slice(0, WIDTH)):
        path += f"M{run.start} {_unit(heights[run.start])}"
        for column in np.flatnonzero(np.diff(heights[run])) + run.start + 1:
            path += f"H{column}V{_unit(heights[column])}"
        path += f"H{run.stop}"
    return path


def _area(left: float, right: float, top: float, bottom: float) -> str:
    return f"M{_unit(left)} {_unit(top)}H{_unit(right)}V{_unit(bottom)}H{_unit(left)}z"


def _unit(value: float) -> str:
    """A coordinate with one decimal, or with none if it is an integer."""
    return f"{value:.1f}".removesuffix(".0")
