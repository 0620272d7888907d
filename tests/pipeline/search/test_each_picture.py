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
    (said,) = progress.said
    assert "01.png is not a picture" in said
    assert said.endswith("it is left out")


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
