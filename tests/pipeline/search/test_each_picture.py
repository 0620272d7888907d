from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from closeup.errors import ImageError
from closeup.frames import RGBImage
from closeup.media.pictures import open_pictures
from closeup.pipeline.search.each_picture import each_picture
from closeup.progress import Silent
from tests.filming import film


class Listening(Silent):
    def __init__(self) -> None:
        self.begun: list[tuple[str, int | None]] = []
        self.done = 0
        self.said: list[str] = []

    def begin(self, stage: str, total: int | None) -> None:
        self.begun.append((stage, total))

    def advance(self, frames: int = 1) -> None:
        self.done += frames

    def say(self, message: str) -> None:
        self.said.append(message)


def brightness(image: RGBImage) -> int:
    return round(float(image.mean()))


def write(folder: Path, count: int) -> None:
    for i in range(count):
        Image.new("L", (8, 8), 10 * i).save(folder / f"{i:02d}.png")


def test_a_folder_in_order(tmp_path: Path) -> None:
    write(tmp_path, 12)
    progress = Listening()
    results = list(each_picture(open_pictures(tmp_path), brightness, progress, "looking"))
    assert [(p.name, value) for p, value in results] == [
        (f"{i:02d}.png", 10 * i) for i in range(12)
    ]
    assert progress.begun == [("looking", 12)]
    assert progress.done == 12
    assert not progress.said


def test_a_damaged_picture_is_named_and_left_out(tmp_path: Path) -> None:
    write(tmp_path, 3)
    (tmp_path / "01.png").write_bytes(b"rubbish")
    progress = Listening()
    results = list(each_picture(open_pictures(tmp_path), brightness, progress))
    assert [value for _, value in results] == [0, 20]
    said, counted = progress.said
    assert "01.png is not a picture" in said
    assert said.endswith("it is left out")
    assert counted == "1 file passed over: 1 without a picture"


def test_the_first_are_named_and_all_are_counted(tmp_path: Path) -> None:
    write(tmp_path, 3)
    noise = np.random.default_rng(0).integers(0, 256, (20, 20, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "whole", "png")
    whole = (tmp_path / "whole").rename(tmp_path / "notes.txt").read_bytes()
    for number in range(40):
        (tmp_path / f"cut{number}.png").write_bytes(whole[:600])
    Image.new("1", (20_000, 20_000)).save(tmp_path / "huge.png")
    for name in (
        "notes.txt",
        "a.mov",
        "b.MOV",
        ".DS_Store",
        "._00.png",
        "Thumbs.db",
        "desktop.ini",
    ):
        (tmp_path / name).touch()
    (tmp_path / "linked").symlink_to(tmp_path)
    progress = Listening()
    assert len(list(each_picture(open_pictures(tmp_path), brightness, progress))) == 3
    *named, counted = progress.said
    assert len(named) == 5
    assert all(line.endswith("it is left out") for line in named)
    assert counted == (
        "44 files passed over: 40 damaged, 1 too large, 3 with other suffixes (.mov, .txt), "
        "1 linked folder not searched"
    )


def test_nothing_but_damaged_pictures(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"rubbish")
    (tmp_path / "b.png").write_bytes(b"rubbish")
    with pytest.raises(ImageError, match="no picture can be read"):
        list(each_picture(open_pictures(tmp_path), brightness, Silent()))


def test_the_one_image_must_be_readable(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"rubbish")
    with pytest.raises(ImageError, match="not a picture"):
        list(each_picture(open_pictures(path), brightness, Silent()))


def test_errors_of_the_work_are_not_hidden(tmp_path: Path) -> None:
    write(tmp_path, 3)

    def broken(image: RGBImage) -> int:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        list(each_picture(open_pictures(tmp_path), broken, Silent()))


def test_a_video_that_ends_early_says_so(tmp_path: Path) -> None:
    noise = np.random.default_rng(0)
    frames = list(noise.integers(0, 256, (30, 48, 64, 3), np.uint8))
    options = {"movflags": "+faststart"}
    path = film(tmp_path / "v.mp4", frames, container_options=options)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 6 // 10])
    progress = Listening()
    results = list(each_picture(open_pictures(path), brightness, progress))
    assert 0 < len(results) < 30
    assert any("ends early" in line for line in progress.said)
