from __future__ import annotations

import numpy as np

from closeup.fancam.solution import between_bars
from closeup.geometry import Box
from closeup.tracking.observations import OBSERVATION
from closeup.tracking.tracklets import EMBEDDED, Evidence
from closeup.tracks import PositionSource


def evidence(rows: list[tuple[int, int, float]]) -> Evidence:
    """Observations of 20 pixels, as (frame, head, centre y)."""
    observations = np.zeros(len(rows), OBSERVATION)
    for row, (frame, head, y) in zip(observations, rows, strict=True):
        row["frame"], row["head"], row["source"] = frame, head, PositionSource.DETECTED
        row["box"] = (100, y - 10, 120, y + 10)
    return Evidence(observations, [], np.zeros((0, 3), np.float32), np.zeros(0, EMBEDDED))


def test_a_head_in_a_bar_is_left_out_in_its_shot_only() -> None:
    logo = [(frame, 0, 20.0) for frame in range(20)]
    member = [(frame, 1, 30.0 + 4 * frame) for frame in range(20)]
    letterboxed, full = Box(-0.5, 39.5, 639.5, 319.5), Box(-0.5, -0.5, 639.5, 359.5)
    kept = between_bars(evidence([*logo, *member]), [10], [letterboxed, full]).observations
    assert kept["frame"][kept["head"] == 0].tolist() == list(range(10, 20))
    assert np.count_nonzero(kept["head"] == 1) == 20


def test_no_observations_stay_none() -> None:
    assert not len(between_bars(evidence([]), [], [Box(-0.5, -0.5, 9.5, 9.5)]).observations)
