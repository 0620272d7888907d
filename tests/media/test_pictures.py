import pickle
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from closeup.errors import ImageError, InputError, VideoError
from closeup.frames import ArrayFrame
from closeup.media.pictures import PictureSource, SourceKind, open_pictures
from closeup.media.video_reader import open_video
from closeup.timecode import Timecode
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


@pytest.mark.parametrize("rotate", [90, 180, 270])
def test_every_kind_of_source_is_rotated_clockwise(tmp_path: Path, rotate: int) -> None:
    image = np.random.default_rng(0).integers(0, 256, (16, 24, 3), np.uint8)
    Image.fromarray(image).save(tmp_path / "a.png")
    video = film(tmp_path / "v.mkv", [image], codec="ffv1", pix_fmt="bgr0")
    frame = ArrayFrame(0, Timecode(0, Fraction(1, 25)), image)
    with open_video(video) as reader:
        sources: list[PictureSource] = [
            tmp_path / "a.png",
            tmp_path,
            image,
            [image],
            [frame],
            video,
            reader,
        ]
        for source in sources:
            (picture,) = open_pictures(source, rotate=rotate)
            assert np.array_equal(picture.read(), np.rot90(image, -rotate // 90))
    with open_video(video, 90) as reader:  # the rotations are added
        pictures = open_pictures(reader, rotate=270)
        assert np.array_equal(next(iter(pictures)).read(), image)


def test_a_rotated_file_can_be_read_in_another_process(tmp_path: Path) -> None:
    (picture,) = open_pictures(write(tmp_path / "a.png"), rotate=90)
    assert pickle.loads(pickle.dumps(picture.portable())).read().shape == (20, 10, 3)  # noqa: S301


def test_an_angle_that_is_no_quarter_turn(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="rotate is 30; give 90, 180 or 270"):
        open_pictures(write(tmp_path / "a.png"), rotate=30)


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


def rgb(value: int) -> NDArray[np.uint8]:
    return np.full((10, 20, 3), value, np.uint8)


def test_one_array() -> None:
    pictures = open_pictures(rgb(7))
    (picture,) = pictures
    assert (pictures.kind, pictures.count, pictures.video) == (SourceKind.IMAGE, 1, None)
    assert (picture.name, picture.frame, picture.seconds) == ("image", None, None)
    assert (picture.read() == 7).all()


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((10, 20), np.uint8), r"shape \(10, 20\) and dtype uint8; give RGB uint8"),
        (np.zeros((10, 20, 4), np.uint8), r"shape \(10, 20, 4\)"),
        (np.zeros((10, 20, 3), np.float32), "dtype float32"),
        (np.zeros((0, 20, 3), np.uint8), r"shape \(0, 20, 3\)"),
    ],
)
def test_an_array_that_is_no_picture(array: NDArray[np.uint8], message: str) -> None:
    with pytest.raises(ImageError, match=message):
        open_pictures(array)


def test_an_iterable_of_arrays_can_be_read_again() -> None:
    pictures = open_pictures([rgb(value) for value in range(5)], every=2)
    assert (pictures.kind, pictures.count) == (SourceKind.FRAMES, 3)
    for _ in range(2):
        assert [int(picture.read()[0, 0, 0]) for picture in pictures] == [0, 2, 4]
    assert [(picture.name, picture.frame) for picture in pictures] == [
        ("frame-000000", 0), ("frame-000002", 2), ("frame-000004", 4),
    ]  # fmt: skip
    assert all(picture.seconds is None for picture in pictures)


def test_frames_keep_their_times() -> None:
    frames = (ArrayFrame(i, Timecode(i, Fraction(1, 25)), rgb(i)) for i in range(3))
    pictures = open_pictures(frames)
    assert pictures.count is None
    assert [picture.seconds for picture in pictures] == [0, Fraction(1, 25), Fraction(2, 25)]


def test_an_open_video_is_a_source(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", [rgb(i) for i in range(4)])
    with open_video(path) as video:
        pictures = open_pictures(video, every=3)
        assert (pictures.kind, pictures.path) == (SourceKind.VIDEO, path)
        assert [picture.frame for picture in pictures] == [0, 3]


def test_an_iterable_that_fails_says_where() -> None:
    def failing() -> Iterator[NDArray[np.uint8]]:
        yield rgb(0)
        yield rgb(1)
        raise RuntimeError("cable pulled")

    with pytest.raises(InputError, match=r"after 2 frames \(RuntimeError: cable pulled\)"):
        list(open_pictures(failing()))


def test_what_is_no_source() -> None:
    with pytest.raises(InputError, match="int is no source of pictures; give a path"):
        open_pictures(7)  # type: ignore[arg-type]


def test_a_portable_picture_carries_the_pixels_of_a_frame(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", [rgb(90)])
    (picture,) = open_pictures(path)
    again = pickle.loads(pickle.dumps(picture.portable()))  # noqa: S301  # noqa: S301
    assert (again.frame, again.seconds) == (picture.frame, picture.seconds)
    np.testing.assert_array_equal(again.read(), picture.read())


def test_a_portable_picture_that_is_none_says_so_when_it_is_read() -> None:
    (picture,) = open_pictures([np.zeros((10, 20), np.uint8)])
    again = pickle.loads(pickle.dumps(picture.portable()))  # noqa: S301
    with pytest.raises(ImageError, match=r"frame-000000 is an array of shape \(10, 20\)"):
        again.read()


def test_frames_are_numbered_as_they_come() -> None:
    frames = [ArrayFrame(i, Timecode(i, Fraction(1, 25)), rgb(i)) for i in (7, 9)]
    assert [(p.name, p.frame, p.seconds) for p in open_pictures(frames)] == [
        ("frame-000000", 0, Fraction(7, 25)), ("frame-000001", 1, Fraction(9, 25)),
    ]  # fmt: skip


def test_an_iterable_of_something_else_says_what_it_gives() -> None:
    with pytest.raises(InputError, match=r"frame-000000 of the source is a str; give RGB arrays"):
        list(open_pictures(["a.jpg", "b.jpg"]))  # type: ignore[arg-type]
