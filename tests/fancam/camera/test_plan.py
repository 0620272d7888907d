from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.typing import NDArray

from closeup.camera_path import CameraPath, View
from closeup.fancam.camera.framing import COMPOSITIONS
from closeup.fancam.camera.overrides import CropOverride
from closeup.fancam.camera.plan import GLIDE, plan_camera
from closeup.fancam.camera.quality import measure_path
from closeup.fancam.options import Absent, FancamOptions, Framing, Smoothing, Zoom
from closeup.geometry import Box, Size
from closeup.synthesis.walks import STAGE, Motion, made_trajectory
from closeup.tracks import PositionSource, Trajectory

Column = NDArray[np.float64]


def at(count: int, rate: float = 25) -> Column:
    return np.arange(count) / rate


def hidden(trajectory: Trajectory, *parts: slice) -> Trajectory:
    """The same, but not seen in some frames."""
    copy = replace(
        trajectory,
        boxes=trajectory.boxes.copy(),
        sources=trajectory.sources.copy(),
        confidence=trajectory.confidence.copy(),
        tracklets=trajectory.tracklets.copy(),
    )
    for part in parts:
        copy.boxes[part] = np.nan
        copy.sources[part] = PositionSource.ABSENT
        copy.confidence[part] = 0
        copy.tracklets[part] = -1
    return copy


def view_runs(path: CameraPath) -> list[tuple[View, int]]:
    borders = [0, *(np.flatnonzero(np.diff(path.views)) + 1).tolist(), len(path)]
    return [(View(path.views[a]), b - a) for a, b in pairwise(borders)]


def in_frame(path: CameraPath, frame: Size) -> bool:
    boxes = path.boxes()[path.views == View.CLOSE]
    fits = [
        (boxes[:, axis + 2] - boxes[:, axis] > side)
        | ((boxes[:, axis] >= -0.501) & (boxes[:, axis + 2] <= side - 0.499))
        for axis, side in enumerate(frame)
    ]
    return bool(np.all(fits))


@pytest.mark.parametrize("size", [None, Size(200, 630), Size(1280, 720)])
@pytest.mark.parametrize("zoom", Zoom)
@pytest.mark.parametrize("framing", Framing)
@pytest.mark.parametrize("motion", [Motion.DANCE, Motion.JERK])
def test_the_whole_face_is_inside_the_crop(
    motion: Motion, framing: Framing, zoom: Zoom, size: Size | None
) -> None:
    times = at(200)
    trajectory = made_trajectory(motion, times, seed=3)
    options = FancamOptions(framing=framing, zoom=zoom, size=size)
    path = plan_camera(trajectory, times, [], STAGE, options)
    assert view_runs(path) == [(View.CLOSE, 200)]
    assert measure_path(path, trajectory, times, [], STAGE).inclusion == 1
    assert in_frame(path, STAGE)


@pytest.mark.parametrize("motion", Motion)
def test_the_l1_path_is_calmer_than_the_moving_average_and_holds_more(motion: Motion) -> None:
    times = at(500)
    trajectory = made_trajectory(motion, times, seed=1)
    found = {}
    for smooth in Smoothing:
        path = plan_camera(trajectory, times, [], STAGE, FancamOptions(smooth=smooth))
        found[smooth] = measure_path(path, trajectory, times, [], STAGE)
    l1, average = found[Smoothing.L1], found[Smoothing.MOVING_AVERAGE]
    # Starts and stops without easing must be followed, and the average loses the face there.
    factor = 1 if motion is Motion.JERK else 10
    assert l1.p95_jerk * factor <= average.p95_jerk
    assert l1.inclusion >= average.inclusion
    assert l1.reversals <= average.reversals


def test_a_face_at_the_border_is_still_inside() -> None:
    times = at(300)
    trajectory = made_trajectory(Motion.STAND, times, seed=0)
    for shift in ((-960, -400), (959, 640), (-940, 640)):
        boxes = trajectory.boxes + np.array([*shift, *shift], np.float32)
        moved = replace(trajectory, boxes=boxes)
        path = plan_camera(moved, times, [], STAGE, FancamOptions())
        assert measure_path(path, moved, times, [], STAGE).inclusion == 1
        assert in_frame(path, STAGE)


def test_the_face_is_composed_as_the_framing_says() -> None:
    times = at(200)
    trajectory = made_trajectory(Motion.STAND, times, seed=0)
    for framing in COMPOSITIONS:
        path = plan_camera(trajectory, times, [], STAGE, FancamOptions(framing=framing))
        crops, faces = path.boxes(), trajectory.boxes
        middle = (faces[:, 1] + faces[:, 3]) / 2
        at_share = np.median((middle - crops[:, 1]) / path.windows[:, 2])
        assert at_share == pytest.approx(COMPOSITIONS[framing].face_at, abs=0.09)


def test_zoom_fixed_keeps_one_height_a_shot_and_follow_does_not_breathe() -> None:
    times = at(400)
    trajectory = made_trajectory(Motion.WALK, times, seed=2)
    trajectory = hidden(trajectory, slice(100, 150))
    fixed = plan_camera(trajectory, times, [250], STAGE, FancamOptions(zoom=Zoom.FIXED))
    close = fixed.views == View.CLOSE
    assert len(np.unique(fixed.windows[:250, 2][close[:250]])) == 1
    assert len(np.unique(fixed.windows[250:, 2])) == 1
    assert fixed.windows[0, 2] != fixed.windows[300, 2]
    follow = plan_camera(trajectory, times, [], STAGE, FancamOptions())
    average = plan_camera(
        trajectory, times, [], STAGE, FancamOptions(smooth=Smoothing.MOVING_AVERAGE)
    )
    measures = [measure_path(p, trajectory, times, [], STAGE).zoom_rate for p in (follow, average)]
    assert measures[0] < 0.5 * measures[1]


def test_a_short_absence_is_glided_over_and_a_long_one_is_wide() -> None:
    times = at(200)
    trajectory = made_trajectory(Motion.WALK, times, seed=4)
    short = slice(80, 80 + round(GLIDE * 25) - 1)
    path = plan_camera(hidden(trajectory, short), times, [], STAGE, FancamOptions(max_gap=0))
    assert view_runs(path) == [(View.CLOSE, 200)]
    assert np.abs(np.diff(path.windows[:, 0])).max() < 30
    path = plan_camera(hidden(trajectory, slice(80, 120)), times, [], STAGE, FancamOptions())
    assert view_runs(path) == [(View.CLOSE, 80), (View.WIDE, 40), (View.CLOSE, 80)]


def test_a_short_absence_at_a_cut_is_not_glided_over() -> None:
    times = at(200)
    trajectory = hidden(made_trajectory(Motion.WALK, times, seed=4), slice(80, 86))
    path = plan_camera(trajectory, times, [83], STAGE, FancamOptions())
    assert view_runs(path) == [(View.CLOSE, 80), (View.WIDE, 6), (View.CLOSE, 114)]


def test_each_way_of_absence() -> None:
    times = at(300)
    trajectory = made_trajectory(Motion.WALK, times, seed=4)
    away = hidden(trajectory, slice(0, 30), slice(60, 100), slice(150, 200), slice(250, 300))
    cuts = [150, 250]
    cut = plan_camera(away, times, cuts, STAGE, FancamOptions(absent=Absent.CUT))
    np.testing.assert_array_equal(cut.views == View.CLOSE, away.present)
    assert not np.any(cut.views == View.WIDE)
    hold = plan_camera(away, times, cuts, STAGE, FancamOptions(absent=Absent.HOLD))
    assert view_runs(hold) == [(View.CLOSE, 250), (View.WIDE, 50)]
    assert np.all(hold.windows[:30] == hold.windows[30])
    assert np.all(hold.windows[60:100] == hold.windows[59])
    assert np.all(hold.windows[150:200] == hold.windows[200])


def test_a_flash_of_a_member_stays_wide_unless_it_is_the_shot() -> None:
    times = at(200)
    trajectory = made_trajectory(Motion.WALK, times, seed=4)
    flash = hidden(trajectory, slice(0, 100), slice(106, 200))
    assert view_runs(plan_camera(flash, times, [], STAGE, FancamOptions())) == [(View.WIDE, 200)]
    shot = plan_camera(flash, times, [100, 106], STAGE, FancamOptions())
    assert view_runs(shot) == [(View.WIDE, 100), (View.CLOSE, 6), (View.WIDE, 94)]


def test_a_cut_splits_the_path() -> None:
    times = at(300)
    left = made_trajectory(Motion.STAND, times, seed=0)
    boxes = left.boxes.copy()
    boxes[150:] += np.array([600, 100, 600, 100], np.float32)
    jump = replace(left, boxes=boxes)
    path = plan_camera(jump, times, [150], STAGE, FancamOptions())
    steps = np.linalg.norm(np.diff(path.windows[:, :2], axis=0), axis=1)
    assert steps[149] > 500
    assert np.delete(steps, 149).max() < 1e-6


def test_a_member_who_is_never_seen_is_a_wide_shot() -> None:
    path = plan_camera(Trajectory.absent("Eve", 50), at(50), [20], STAGE, FancamOptions())
    assert view_runs(path) == [(View.WIDE, 50)]
    x1, y1, x2, y2 = path.boxes()[0]
    assert x1 <= -0.5
    assert y1 <= -0.5
    assert x2 >= 1919.5
    assert y2 >= 1079.5


def test_no_frame_at_all() -> None:
    path = plan_camera(Trajectory.absent("Eve", 0), at(0), [], STAGE, FancamOptions())
    assert len(path) == 0


def test_one_frame_is_enough() -> None:
    trajectory = made_trajectory(Motion.STAND, at(1), seed=0)
    for smooth in Smoothing:
        path = plan_camera(trajectory, at(1), [], STAGE, FancamOptions(smooth=smooth))
        assert view_runs(path) == [(View.CLOSE, 1)]


def test_an_override_is_exact_whatever_the_member_does() -> None:
    times = at(200)
    away = hidden(made_trajectory(Motion.WALK, times, seed=4), slice(80, 140))
    row = CropOverride(3.0, 5.0, 100, 100, 300, 500)
    for absent in Absent:
        options = FancamOptions(absent=absent)
        path = plan_camera(away, times, [], STAGE, options, [row])
        np.testing.assert_allclose(path.windows[75:125], [[200, 300, 400]] * 50)
        assert np.all(path.views[75:125] == View.CLOSE)


def test_a_crop_larger_than_the_frame_is_centred() -> None:
    times = at(100)
    trajectory = made_trajectory(Motion.STAND, times, seed=0, face=700)
    path = plan_camera(trajectory, times, [], STAGE, FancamOptions(size=Size(200, 630)))
    assert path.windows[:, 2].min() > 1080
    np.testing.assert_allclose(path.windows[:, 1], 539.5)
    assert measure_path(path, trajectory, times, [], STAGE).inclusion == 1


def test_frames_and_times_must_be_as_many() -> None:
    with pytest.raises(ValueError, match="5 positions but 4 times"):
        plan_camera(Trajectory.absent("Eve", 5), at(4), [], STAGE, FancamOptions())


@settings(max_examples=25)
@given(
    st.integers(0, 10_000),
    st.sampled_from(Framing),
    st.sampled_from(Absent),
    st.sampled_from(Zoom),
    st.sampled_from([Size(640, 360), Size(360, 640), Size(1920, 1080)]),
)
def test_random_boxes_and_gaps_are_planned(
    seed: int, framing: Framing, absent: Absent, zoom: Zoom, frame: Size
) -> None:
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 120))
    times = np.cumsum(rng.uniform(0.01, 0.07, count))
    corners = rng.uniform(0, 0.9, (count, 2)) * frame
    boxes = np.hstack([corners, corners + rng.uniform(2, 200, (count, 2))]).astype(np.float32)
    full = Trajectory(
        "Ann",
        boxes,
        np.full(count, PositionSource.TRACKED, np.uint8),
        np.ones(count, np.float32),
        np.zeros(count, np.int64),
    )
    starts = rng.integers(0, count, 3)
    trajectory = hidden(full, *(slice(a, a + rng.integers(0, 40)) for a in starts))
    cuts = rng.integers(0, count, 2).tolist()
    options = FancamOptions(framing=framing, absent=absent, zoom=zoom)
    path = plan_camera(trajectory, times, cuts, frame, options)
    assert np.all(np.isfinite(path.windows))
    assert np.all(path.windows[:, 2] > 0)
    assert measure_path(path, trajectory, times, cuts, frame).inclusion == 1
    assert in_frame(path, frame)


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.sampled_from(Absent))
def test_crops_stay_between_the_bars_of_their_shot(seed: int, absent: Absent) -> None:
    times = at(60)
    trajectory = made_trajectory(Motion.DANCE, times, seed)
    areas = [Box(-0.5, 139.5, 1919.5, 939.5), Box(419.5, -0.5, 1499.5, 1079.5)]
    options = FancamOptions(absent=absent, size=Size(270, 480))
    path = plan_camera(trajectory, times, [30], STAGE, options, areas=areas)
    assert measure_path(path, trajectory, times, [30], STAGE).inclusion == 1
    assert path.areas is not None
    for shot, area in zip((slice(0, 30), slice(30, 60)), areas, strict=True):
        close = path.views[shot] == View.CLOSE
        boxes, limits = path.boxes()[shot][close], np.array([area.x1, area.y1, area.x2, area.y2])
        assert np.all(boxes[:, :2] >= limits[:2] - 1e-6)
        assert np.all(boxes[:, 2:] <= limits[2:] + 1e-6)
        np.testing.assert_array_equal(path.areas[shot], np.tile(limits, (30, 1)))


def test_there_must_be_one_area_a_shot() -> None:
    area = Box(-0.5, -0.5, 1919.5, 1079.5)
    with pytest.raises(ValueError, match="is shorter than argument 1"):
        plan_camera(Trajectory.absent("Eve", 5), at(5), [2], STAGE, FancamOptions(), areas=[area])
