"""A member's time in the video as SVG paths: how each place is known, and how surely."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.fancam.camera.stretches import runs
from closeup.fancam.reporting.sight import carried
from closeup.tracks import Source, Trajectory

WIDTH = 1000
"""Units of the picture's width; what is shorter than one of them may be left out."""

HEIGHT = 72
CURVE_TOP, CURVE_BOTTOM = 4, 40
"""Where a confidence of 1 and of 0 are drawn."""
BAND_TOP, BAND_BOTTOM = 46, 64
MARK_TOP, MARK_BOTTOM = 67, 71
"""Where doubtful moments are underlined."""

BANDS = ("seen", "carried", "interpolated", "absent")
"""The kinds of time: face in sight, followed while it is hidden, on a line, not there."""

_TICKS = 8
_STEPS = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)


@dataclass(frozen=True, slots=True)
class TimelineStrip:
    """Content of ``d`` attributes, in a picture of ``WIDTH`` × ``HEIGHT`` units.

    Attributes:
        bands: One of ``BANDS`` → its areas.
        curve: The line of the confidence, interrupted where the member is absent.
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
        trajectory: Where the member is, n rows.
        edges: (n + 1,) seconds at which the frames begin, from 0, and the last one ends.
        doubtful: Begin and end of the moments to mark, in seconds.

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


def cut_lines(cuts: Iterable[float], end: float) -> str:
    """Lines from top to bottom at the moments ``cuts``, as the content of a ``d`` attribute."""
    return "".join(f"M{_unit(cut / end * WIDTH)} 0V{BAND_BOTTOM}" for cut in cuts)


def ticks(end: float) -> list[float]:
    """Round moments before ``end``, at most eight, to write below a strip."""
    step = next((step for step in _STEPS if end / step <= _TICKS), end / _TICKS)
    return [float(moment) for moment in np.arange(0, end * 0.97, step)]


def _kinds(trajectory: Trajectory, edges: NDArray[np.float64]) -> NDArray[np.int64]:
    """Index into ``BANDS`` for each frame; shape (n,)."""
    sources = trajectory.sources
    return np.select(
        [carried(trajectory, edges), sources == Source.INTERPOLATED, sources == Source.ABSENT],
        [1, 2, 3],
        default=0,
    )


def _curve(confidence: NDArray[np.float32], present: NDArray[np.bool_]) -> str:
    """Steps over the columns of the picture: a value is drawn as long as it holds."""
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
    """A coordinate with one decimal, or none where it needs none."""
    return f"{value:.1f}".removesuffix(".0")
