from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from closeup.errors import ImageError, InputError, VideoError
from closeup.media.pictures import SourceKind, open_pictures
from tests.filming import film


def write(path: Path, value: int = 90) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (20, 10), (value, value, value)).save(path)
    return path


def test_one_image(tmp_path: Path) -> None:
    path = write(tmp_path / "a.png", 7)
    pictures = open_pictures(path)
    (picture,) = pictures
    assert (pictures.kind, pictures.count, pictures.video) == (SourceKind.IMAGE, 1, None)
    assert (picture.path, picture.name, picture.frame, picture.seconds) == (
        path, "a.png", None, None,
    )  # fmt: skip
    assert picture.read().shape == (10, 20, 3)
    assert (picture.read() == 7).all()


def test_an_image_by_its_content_not_its_name(tmp_path: Path) -> None:
    path = write(tmp_path / "a.png").rename(tmp_path / "upload.tmp")
    pictures = open_pictures(path)
    assert [picture.read().shape for picture in pictures] == [(10, 20, 3)]


def test_a_folder_through_its_sub_folders_by_name(tmp_path: Path) -> None:
    for name in ("b/two.JPG", "b/one.jpeg", "a.webp", ".hidden.png", ".git/x.png"):
        write(tmp_path / name)
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "clip.mp4").write_bytes(b"")
    pictures = open_pictures(tmp_path)
    assert (pictures.kind, pictures.count) == (SourceKind.FOLDER, 3)
    for _ in range(2):
        assert [picture.name for picture in pictures] == ["a.webp", "b/one.jpeg", "b/two.JPG"]
        assert all(picture.read().shape == (10, 20, 3) for picture in pictures)


def test_a_damaged_picture_of_a_folder_says_so_when_it_is_read(tmp_path: Path) -> None:
    write(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"rubbish")
    _, damaged = open_pictures(tmp_path)
    with pytest.raises(ImageError, match=r"b\.png is not a picture"):
        damaged.read()


@pytest.mark.parametrize("every", [1, 2, 3])
def test_a_video(tmp_path: Path, every: int) -> None:
    frames = [np.full((32, 64, 3), 30 * i, np.uint8) for i in range(5)]
    path = film(tmp_path / "v.mkv", frames, codec="ffv1")
    pictures = open_pictures(path, every)
    shown = list(pictures)
    numbers = list(range(0, 5, every))
    assert pictures.kind is SourceKind.VIDEO
    assert pictures.video is not None
    assert pictures.count in (None, len(numbers))
    assert [picture.frame for picture in shown] == numbers
    assert [picture.name for picture in shown] == ["v.mkv"] * len(numbers)
    seconds = [picture.seconds for picture in shown]
    assert all(isinstance(time, Fraction) for time in seconds)
    assert seconds == sorted(seconds)  # type: ignore[type-var]
    for picture, number in zip(shown, numbers, strict=True):
        assert abs(int(picture.read()[5, 5, 0]) - 30 * number) <= 2


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file or folder"):
        open_pictures(tmp_path / "nothing.jpg")
    with pytest.raises(InputError, match="no such file or folder"):
        open_pictures(tmp_path / "nothing")


def test_a_folder_without_pictures(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no picture")
    with pytest.raises(InputError, match="no picture in it or below it"):
        open_pictures(tmp_path)


def test_neither_image_nor_video(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("no picture")
    with pytest.raises(VideoError):
        open_pictures(path)


def test_a_damaged_image_by_name(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"rubbish")
    (picture,) = open_pictures(path)
    with pytest.raises(ImageError, match="not a picture"):
        picture.read()
