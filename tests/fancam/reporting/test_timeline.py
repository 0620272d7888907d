from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.typing import NDArray

from closeup.fancam.camera.clock import frame_edges
from closeup.fancam.reporting.timeline import (
    BAND_BOTTOM,
    BANDS,
    CURVE_BOTTOM,
    CURVE_TOP,
    WIDTH,
    TimelineStrip,
    cut_lines,
    draw_strip,
    ticks,
)
from closeup.tracks import PositionSource, Trajectory


def strip_of(
    sources: list[int], confidence: list[float] | float = 1.0, rate: float = 10
) -> TimelineStrip:
    count = len(sources)
    trajectory = replace(
        Trajectory.absent("Rosé", count),
        sources=np.array(sources, np.uint8),
        confidence=np.broadcast_to(np.array(confidence, np.float32), count),
    )
    return draw_strip(trajectory, frame_edges(np.arange(count) / rate), [])


def spans(areas: str) -> list[tuple[float, float]]:
    found = re.findall(r"M([\d.]+) [\d.]+H([\d.]+)V[\d.]+H([\d.]+)z", areas)
    assert len(found) == areas.count("M")
    return [(float(left), float(right)) for left, right, _ in found]


def covered(strip: TimelineStrip) -> NDArray[np.int64]:
    """How many bands cover each column of the picture."""
    columns = np.zeros(WIDTH, np.int64)
    for areas in strip.bands.values():
        for left, right in spans(areas):
            columns[int(left) : int(right)] += 1
    return columns


@settings(max_examples=50)
@given(
    st.lists(st.sampled_from([int(source) for source in PositionSource]), min_size=1, max_size=80)
)
def test_every_moment_has_one_colour(sources: list[int]) -> None:
    strip = strip_of(sources)
    assert set(strip.bands) == set(BANDS)
    assert np.all(covered(strip) == 1)


def test_bands_lie_where_their_time_is() -> None:
    sources = [
        *[PositionSource.DETECTED] * 25,
        *[PositionSource.ABSENT] * 50,
        *[PositionSource.INTERPOLATED] * 25,
    ]
    strip = strip_of([int(source) for source in sources])
    assert spans(strip.bands["seen"]) == [(0, 250)]
    assert spans(strip.bands["absent"]) == [(250, 750)]
    assert spans(strip.bands["interpolated"]) == [(750, 1000)]
    assert strip.bands["carried"] == ""


def test_a_long_video_keeps_the_path_short() -> None:
    strip = strip_of([0, 3, 2, 1] * 5000)
    assert sum(len(areas) for areas in strip.bands.values()) < 40 * WIDTH


def test_the_curve_is_drawn_in_steps_and_only_where_the_member_is() -> None:
    strip = strip_of([0, 3, 3, 3, 0, 3, 0, 0, 0, 0], [0, 1, 1, 0.5, 0, 0, 0, 0, 0, 0])
    middle = (CURVE_TOP + CURVE_BOTTOM) // 2
    assert strip.curve == (f"M100 {CURVE_TOP}H300V{middle}H400" + f"M500 {CURVE_BOTTOM}H600")


def test_nobody_has_no_curve() -> None:
    assert strip_of([0, 0, 0]).curve == ""


def test_doubtful_moments_are_marked_and_short_ones_can_be_seen() -> None:
    edges = np.arange(101) / 10
    strip = draw_strip(Trajectory.absent("Rosé", 100), edges, [(2, 4), (5, 5.001)])
    assert spans(strip.marks) == [(200, 400), (500, 502)]


def test_cuts_are_lines_over_the_whole_strip() -> None:
    assert cut_lines([2.5, 5], 10) == f"M250 0V{BAND_BOTTOM}M500 0V{BAND_BOTTOM}"
    assert cut_lines([], 10) == ""


@pytest.mark.parametrize(
    ("end", "first"), [(0.04, 0), (3.9, 0.5), (9.2, 2), (12, 2), (200, 30), (3700, 600)]
)
def test_ticks_are_few_and_round(end: float, first: float) -> None:
    moments = ticks(end)
    assert moments[0] == 0
    assert len(moments) <= 8
    assert all(moment < end for moment in moments)
    assert moments[1:2] == ([first] if first else [])


@given(st.floats(0.01, 1e6))
def test_there_are_never_many_ticks(end: float) -> None:
    assert 1 <= len(ticks(end)) <= 9
