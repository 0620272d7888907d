"""Frames of a video by number."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from closeup.errors import ImageError
from closeup.media.frame_times import NumberedFrames, frame_times
from closeup.media.video_reader import open_video
from tests.filming import film, number_in, numbered

COUNT = 60


@pytest.fixture(scope="module", params=["b-frames", "variable rate", "interlaced", "avi"])
def path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Videos of numbered frames with few key frames."""
    folder, pictures = tmp_path_factory.mktemp("films"), [numbered(i, 96, 64) for i in range(COUNT)]
    match request.param:
        case "b-frames":
            options = {"g": "25", "bf": "3"}
            return film(folder / "v.mp4", pictures, options=options)
        case "variable rate":
            stamps = [i * 40 + (i % 7) * 3 for i in range(COUNT)]
            base = Fraction(1, 1000)
            return film(folder / "v.mkv", pictures, time_base=base, stamps=stamps)
        case "interlaced":
            return film(folder / "v.mp4", pictures, fields="tff")
        case _:
            return film(folder / "v.avi", pictures, codec="mpeg4")


def test_every_frame_has_a_number(path: Path) -> None:
    with open_video(path) as video:
        assert frame_times(video) == [frame.timecode.pts for frame in video]


def test_frames_are_read_exactly_in_any_order(path: Path) -> None:
    frames = NumberedFrames(path)
    assert len(frames) == COUNT
    assert frames.size == (96, 64)
    for number in (0, 1, 2, 59, 30, 29, 31, 32, 5, 59, 0):
        assert number_in(frames.read(number)) == number
    frames.close()


def test_frames_that_stay_decoded_are_not_read_again(path: Path) -> None:
    frames = NumberedFrames(path)
    assert frames.read(7) is frames.read(7)


def test_a_frame_that_is_not_there(path: Path, tmp_path: Path) -> None:
    frames = NumberedFrames(path)
    with pytest.raises(ImageError, match="has no frame 60, it has 60; is it another video"):
        frames.read(COUNT)
    copy = tmp_path / path.name
    copy.write_bytes(path.read_bytes())
    gone = NumberedFrames(copy)
    copy.unlink()
    with pytest.raises(ImageError, match="no such file"):
        gone.read(3)
