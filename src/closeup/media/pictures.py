"""The pictures of an image, a folder or a video, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import partial
from pathlib import Path

from closeup.errors import ImageError, InputError, VideoError
from closeup.frames import RGBImage
from closeup.media.decoded_frame import DecodedFrame
from closeup.media.folders import files_below
from closeup.media.images import IMAGE_SUFFIXES, read_image
from closeup.media.video_reader import VideoReader, open_video


class SourceKind(StrEnum):
    """What was given."""

    IMAGE = "image"
    FOLDER = "folder"
    VIDEO = "video"


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One picture, not read yet.

    Attributes:
        path: The file.
        name: The file's path below the given folder, with forward slashes; else its name.
        frame: Number in a video, from 0; None for an image.
        seconds: When a video shows it; None for an image.

    """

    path: Path
    name: str
    frame: int | None
    seconds: Fraction | None
    _read: Callable[[], RGBImage]

    def read(self) -> RGBImage:
        """The pixels; RGB uint8 of shape (H, W, 3). Any thread may call it.

        Raises:
            ImageError: not a picture, damaged, or too large.

        """
        return self._read()


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """All pictures of one input; every iteration begins anew.

    Attributes:
        kind: What was given.
        path: What was given.
        count: Pictures to expect, None where a video does not say; for progress bars.
        video: The open video, else None.

    """

    kind: SourceKind
    path: Path
    count: int | None
    video: VideoReader | None
    _each: Callable[[], Iterator[Picture]]

    def __iter__(self) -> Iterator[Picture]:
        return self._each()


def open_pictures(source: Path, every: int = 1) -> Pictures:
    """Find the pictures of an image, a folder (through sub-folders, by name) or a video.

    Args:
        source: Where they are. Hidden files and what does not end like an image are passed
            over in a folder; a file given by name is taken for an image if it can be read
            as one, else for a video.
        every: Take every so many frames of a video.

    Raises:
        InputError: there is nothing, or nothing with pictures.

    """
    if source.is_dir():
        return _folder(source)
    if source.suffix.lower() in IMAGE_SUFFIXES or not source.exists():
        return _image(source)
    try:
        return _video(source, every)
    except VideoError as error:
        try:
            read_image(source)
        except ImageError:
            raise error from None
        return _image(source)


def _image(path: Path) -> Pictures:
    if not path.exists():
        raise InputError(f"{path}: no such file or folder; check the name")
    picture = Picture(path, path.name, None, None, partial(read_image, path))
    return Pictures(SourceKind.IMAGE, path, 1, None, lambda: iter([picture]))


def _folder(folder: Path) -> Pictures:
    paths = files_below(folder, IMAGE_SUFFIXES)
    if not paths:
        raise InputError(
            f"{folder}: no picture in it or below it; it needs files such as .jpg or .png"
        )

    def each() -> Iterator[Picture]:
        for path in paths:
            name = path.relative_to(folder).as_posix()
            yield Picture(path, name, None, None, partial(read_image, path))

    return Pictures(SourceKind.FOLDER, folder, len(paths), None, each)


def _video(path: Path, every: int) -> Pictures:
    video = open_video(path)

    def each() -> Iterator[Picture]:
        for frame in video.frames():
            if frame.index % every == 0:
                yield _of_video(path, frame)

    expected = None if video.frame_estimate is None else -(-video.frame_estimate // every)
    return Pictures(SourceKind.VIDEO, path, expected, video, each)


def _of_video(path: Path, frame: DecodedFrame) -> Picture:
    return Picture(path, path.name, frame.index, frame.timecode.seconds, frame.rgb)
