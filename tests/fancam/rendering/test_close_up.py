from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from closeup.camera_path import View
from closeup.fancam.rendering.close_up import CloseUp, around
from closeup.geometry import Size, whole
from closeup.media.video_reader import open_video
from tests.filming import film
from tests.stage_drawing import STAGE, drawn, levels, stage_frame, still_path


def test_a_window_inside_fills_the_canvas(tmp_path: Path) -> None:
    frame = stage_frame(tmp_path)
    bright, dim = levels(frame)
    left = drawn(CloseUp(still_path(Size(60, 100), 25, 54, 60)), frame)
    assert np.all(left.y == bright)
    right = drawn(CloseUp(still_path(Size(60, 100), 140, 54, 60)), frame)
    assert np.all(right.y == dim)


def test_a_window_beyond_the_frame_lies_on_a_darker_fill(tmp_path: Path) -> None:
    frame = stage_frame(tmp_path)
    bright, _ = levels(frame)
    left_out = drawn(CloseUp(still_path(Size(100, 100), 0, 54, 50)), frame)
    assert np.all(left_out.y[:, 52:] == bright)
    assert 16 < left_out.y[:, :48].max() < bright - 30
    gone = drawn(CloseUp(still_path(Size(100, 100), -500, 54, 50)), frame)
    assert gone.y.max() < bright - 30


def test_a_wide_shot_shows_the_whole_stage_in_the_middle(tmp_path: Path) -> None:
    frame = stage_frame(tmp_path)
    bright, dim = levels(frame)
    wide = drawn(CloseUp(still_path(Size(108, 192), 0, 0, 1, View.WIDE)), frame)
    stage_height = 108 * 108 // 192
    top = (192 - stage_height) // 2
    inside = wide.y[top + 2 : top + stage_height - 2]
    assert np.all(inside[:, :34] == bright)
    assert np.all(inside[:, 38:] == dim)
    assert wide.y[: top - 2].max() < bright
    assert wide.y[top + stage_height + 2 :].max() < bright


@pytest.mark.parametrize("view", [View.WIDE, View.CLOSE])
def test_bars_are_never_shown(tmp_path: Path, view: View) -> None:
    picture = np.zeros((108, 192, 3), np.uint8)
    picture[20:88] = 200
    with open_video(film(tmp_path / "b.mkv", [picture], codec="ffv1")) as video:
        frame = next(iter(video.frames()))
    path = still_path(Size(100, 200), 95.5, 53.5, 140, view)
    path = replace(path, areas=np.array([[-0.5, 19.5, 191.5, 87.5]]))
    shown = drawn(CloseUp(path), frame)
    assert shown.y.min() > 60
    bright = int(frame.planes.y[50, 50])
    assert np.all(shown.y[96:104] == bright)


def test_half_a_pixel_over_the_edge_needs_no_fill(tmp_path: Path) -> None:
    frame = stage_frame(tmp_path)
    bright, _ = levels(frame)
    close = drawn(CloseUp(still_path(Size(60, 60), 29.3, 29.3, 60)), frame)
    assert np.all(close.y == bright)


def test_around_keeps_the_shape_and_holds_everything() -> None:
    box = around(whole(STAGE), Size(100, 200))
    assert box.width / box.height == pytest.approx(0.5)
    assert box.width == pytest.approx(192)
    assert box.centre == (95.5, 53.5)


def test_skipped_frames_are_not_shown() -> None:
    assert not CloseUp(still_path(Size(60, 60), 0, 0, 9, View.SKIP)).shows(0)
    assert CloseUp(still_path(Size(60, 60), 0, 0, 9, View.WIDE)).shows(0)


def test_a_video_of_any_rotation_is_drawn_upright(tmp_path: Path) -> None:
    picture = np.full((64, 96, 3), 30, np.uint8)
    picture[:, :32] = 220
    with open_video(film(tmp_path / "r.mp4", [picture] * 2, rotation=-90)) as video:
        frame = next(iter(video.frames()))
        assert video.size == Size(64, 96)
        view = drawn(CloseUp(still_path(Size(64, 96), 31.5, 47.5, 96)), frame)
    assert view.y[:28].min() > 150 > 80 > view.y[36:].max()
