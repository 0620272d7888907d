from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from closeup.fancam.camera.clock import frame_edges
from closeup.fancam.reporting.sight import carried
from closeup.tracks import PositionSource, Trajectory

SEEN, FLOW, LINE, AWAY = (
    PositionSource.DETECTED,
    PositionSource.TRACKED,
    PositionSource.INTERPOLATED,
    PositionSource.ABSENT,
)


def carried_frames(sources: list[PositionSource], seconds: NDArray[np.float64]) -> list[int]:
    trajectory = Trajectory.absent("Rosé", len(sources))
    trajectory = replace(trajectory, sources=np.array(sources, np.uint8))
    return np.flatnonzero(carried(trajectory, frame_edges(seconds))).tolist()


def test_frames_between_two_looks_are_in_sight() -> None:
    assert (
        carried_frames([SEEN, FLOW, FLOW, FLOW, SEEN, FLOW, FLOW, FLOW, SEEN], np.arange(9) / 25)
        == []
    )


def test_a_long_time_between_two_looks_is_not() -> None:
    sources = [SEEN, *[FLOW] * 20, SEEN, *[FLOW] * 3, AWAY, LINE, *[FLOW] * 15]
    assert carried_frames(sources, np.arange(42) / 25) == [*range(1, 21), *range(27, 42)]


def test_time_counts_and_not_the_number_of_frames() -> None:
    assert carried_frames([SEEN, FLOW, SEEN, FLOW], np.array([0, 1, 2, 2.1])) == [1, 3]


def test_edges_end_one_frame_after_the_last_begins() -> None:
    assert np.allclose(frame_edges(np.array([0, 0.1, 0.2])), [0, 0.1, 0.2, 0.3])
    assert len(frame_edges(np.array([0.0]))) == 2
