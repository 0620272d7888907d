from __future__ import annotations

from pathlib import Path

import pytest

from closeup.errors import VideoError
from closeup.media.video_reader import open_video
from tests.filming import film, number_in, numbered
from tests.several_streams import streams


def numbers(path: Path) -> list[int]:
    with open_video(path) as video:
        return [number_in(frame.rgb()) for frame in video]


def part(path: Path, first: int, count: int = 10, **options: str) -> Path:
    pictures = [numbered(first + i, 96, 64) for i in range(count)]
    return film(path, pictures, options={"bf": "0", "g": "5"}, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("default", [0, 1])
@pytest.mark.parametrize("name", ["a.mkv", "a.mp4"])
def test_the_default_pictures_are_shown(tmp_path: Path, default: int, name: str) -> None:
    parts = [part(tmp_path / f"{i}.mkv", 20 * i) for i in (0, 1)]
    states = ["default" if i == default else "other" for i in (0, 1)]
    sources = [(path, "video", state) for path, state in zip(parts, states, strict=True)]
    path = streams(tmp_path / name, *sources)
    assert numbers(path) == list(range(20 * default, 20 * default + 10))


@pytest.mark.parametrize("state", ["default", "other", "cover"])
def test_a_cover_or_a_single_picture_is_not_the_video(tmp_path: Path, state: str) -> None:
    cover = part(tmp_path / "c.mkv", 40, 1, codec="mjpeg", pix_fmt="yuvj420p")
    moving = part(tmp_path / "m.mkv", 0)
    path = streams(tmp_path / "a.mp4", (cover, "video", state), (moving, "video", "other"))
    assert numbers(path) == list(range(10))


def test_a_video_of_one_picture_is_a_video(tmp_path: Path) -> None:
    assert numbers(part(tmp_path / "one.mkv", 7, 1)) == [7]


def test_pictures_that_cannot_be_decoded_give_way_to_the_next(tmp_path: Path) -> None:
    first, second = part(tmp_path / "1.mkv", 0), part(tmp_path / "2.mkv", 20)
    path = streams(tmp_path / "a.mkv", (first, "video", "spoilt"), (second, "video", "other"))
    assert numbers(path) == list(range(20, 30))
    with open_video(path) as video:
        (line,) = video.warnings
        assert line.endswith("track 0 cannot be decoded; the pictures of track 1 are used")


def test_pictures_that_cannot_be_decoded_at_all_are_refused(tmp_path: Path) -> None:
    path = streams(tmp_path / "a.mkv", (part(tmp_path / "1.mkv", 0), "video", "spoilt"))
    with pytest.raises(VideoError, match="no frame can be decoded"):
        open_video(path)
