"""A camera is played by a video file: this machine has none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from closeup.errors import VideoError
from closeup.media.camera import Camera
from tests.filming import film, number_in, numbered


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return film(tmp_path / "a.mp4", [numbered(i, 64, 48) for i in range(5)])


def test_frames_come_in_rgb_with_growing_times(clip: Path) -> None:
    with Camera(clip) as camera:
        frames = list(camera)
    assert [number_in(frame.rgb()) for frame in frames] == [0, 1, 2, 3, 4]
    assert [frame.index for frame in frames] == [0, 1, 2, 3, 4]
    seconds = [float(frame.timecode.seconds) for frame in frames]
    assert seconds[0] == 0
    assert (np.diff(seconds) >= 0).all()


def test_frames_are_rotated_clockwise(clip: Path) -> None:
    with Camera(clip) as plain, Camera(clip, rotate=90) as turned:
        for before, after in zip(plain, turned, strict=True):
            assert np.array_equal(after.rgb(), np.rot90(before.rgb(), -1))
    with pytest.raises(ValueError, match="rotate is 91"):
        Camera(clip, rotate=91)


def test_closing_ends_the_frames(clip: Path) -> None:
    camera = Camera(clip)
    for frame in camera:
        if frame.index == 1:
            camera.close()
    assert frame.index == 1


def test_a_camera_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match=r"camera .*none.mp4 cannot be opened; check"):
        Camera(tmp_path / "none.mp4")
