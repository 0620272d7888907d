from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from closeup.camera_path import CameraPath, View
from closeup.fancam.camera.quality import measure_path
from closeup.geometry import Size
from closeup.tracks import PositionSource, Trajectory

FRAME = Size(1920, 1080)
COUNT = 100
TIMES: NDArray[np.float64] = np.arange(COUNT) / 25


def path_of(
    x: NDArray[np.float64], height: NDArray[np.float64] | float = 400.0, view: View = View.CLOSE
) -> CameraPath:
    columns = np.broadcast_arrays(x, 500.0, height)
    return CameraPath(Size(606, 1080), np.column_stack(columns), np.full(len(x), view, np.uint8))


def face_at(x: NDArray[np.float64]) -> Trajectory:
    boxes = np.column_stack([x - 40, 0 * x + 450, x + 40, 0 * x + 550]).astype(np.float32)
    count = len(x)
    return Trajectory(
        "Ann",
        boxes,
        np.full(count, PositionSource.DETECTED, np.uint8),
        np.ones(count, np.float32),
        np.zeros(count, np.int64),
    )


STILL = np.full(COUNT, 900.0)


def test_a_still_camera_is_perfect() -> None:
    quality = measure_path(path_of(STILL), face_at(STILL), TIMES, [], FRAME)
    assert quality.frames == COUNT
    assert quality.p95_jerk == quality.reversals == quality.zoom_rate == 0
    assert quality.inclusion == 1


def test_jerk_is_the_third_difference() -> None:
    cubic = 900 + np.arange(COUNT) ** 3 / 1e4
    quality = measure_path(path_of(cubic), face_at(STILL), TIMES, [], FRAME)
    assert quality.p95_jerk == pytest.approx(6e-4)


def test_reversals_are_turns_a_second_above_the_threshold() -> None:
    phase = np.arange(COUNT) * 2 * np.pi / 50 + 0.3
    swinging = measure_path(path_of(900 + 50 * np.sin(phase)), face_at(STILL), TIMES, [], FRAME)
    assert swinging.reversals == pytest.approx(4 / 4)
    trembling = measure_path(path_of(900 + 0.04 * np.sin(phase)), face_at(STILL), TIMES, [], FRAME)
    assert trembling.reversals == 0


def test_zoom_rate_is_the_relative_change_a_second() -> None:
    height = 400 * np.exp(0.1 * TIMES)
    quality = measure_path(path_of(STILL, height), face_at(STILL), TIMES, [], FRAME)
    assert quality.zoom_rate == pytest.approx(0.1, rel=0.02)


def test_inclusion_counts_frames_with_the_whole_face_inside() -> None:
    x = STILL.copy()
    x[:25] += 400 * 606 / 1080 / 2 - 30
    quality = measure_path(path_of(STILL), face_at(x), TIMES, [], FRAME)
    assert quality.inclusion == pytest.approx(0.75)


def test_what_of_the_face_is_outside_the_frame_does_not_count() -> None:
    x = np.zeros(COUNT)
    half = 400 * 606 / 1080 / 2
    assert measure_path(path_of(x + half - 0.5), face_at(x), TIMES, [], FRAME).inclusion == 1


def test_nothing_is_measured_across_a_cut_or_another_view() -> None:
    jump = np.where(np.arange(COUNT) < 50, 900.0, 300.0)
    cut = measure_path(path_of(jump), face_at(jump), TIMES, [50], FRAME)
    assert cut.p95_jerk == cut.reversals == 0
    path = path_of(jump)
    path.views[48:52] = View.WIDE
    wide = measure_path(path, face_at(jump), TIMES, [], FRAME)
    assert wide.frames == 96
    assert wide.p95_jerk == 0


def test_a_path_that_is_never_close_has_no_faults() -> None:
    quality = measure_path(path_of(STILL, view=View.WIDE), face_at(STILL), TIMES, [], FRAME)
    assert (quality.frames, quality.p95_jerk, quality.reversals) == (0, 0, 0)
    assert (quality.zoom_rate, quality.inclusion) == (0, 1)


def test_three_frames_have_no_jerk() -> None:
    quality = measure_path(path_of(STILL[:3]), face_at(STILL[:3]), TIMES[:3], [], FRAME)
    assert quality.p95_jerk == 0
