"""Iteration over the pictures of a source: files, arrays, frames or a camera."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sized
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from closeup.errors import CloseupError, ImageError, InputError, VideoError
from closeup.files.folders import list_folder, refuse_inside
from closeup.files.passed_over import passed_over
from closeup.frames import Frame, RGBImage
from closeup.media.images import IMAGE_SUFFIXES, is_picture, read_image
from closeup.media.video_reader import VideoReader, open_video

PictureSource = Path | str | NDArray[np.uint8] | VideoReader | Iterable[RGBImage] | Iterable[Frame]
"""A source of pictures: the path of an image, a folder or a video; one RGB uint8 array of shape
(H, W, 3); or an iterable of such arrays or of frames, such as a list, a generator, an open
:class:`closeup.media.video_reader.VideoReader` or a :class:`closeup.media.camera.Camera`. The
next pictures are read before the work on a picture ends, so an iterable must not reuse an array."""


class SourceKind(StrEnum):
    """The kind of a source."""

    IMAGE = "image"
    FOLDER = "folder"
    VIDEO = "video"
    FRAMES = "frames"
    """An iterable of arrays or frames."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One picture that is read on demand.

    Attributes:
        path: The file; ``image`` or ``frames`` if there is none.
        name: The file's path below the given folder, with forward slashes; else its name.
        frame: Index in a video or an iterable, from 0; None for an image.
        seconds: Presentation time in seconds; None for an image and for arrays of an iterable.

    """

    path: Path
    name: str
    frame: int | None
    seconds: Fraction | None
    _read: Callable[[], RGBImage]

    def read(self) -> RGBImage:
        """The pixels; RGB uint8 of shape (H, W, 3). Any thread may call it.

        Raises:
            ImageError: the file is not a picture, damaged, or too large.

        """
        return self._read()

    def portable(self) -> Picture:
        """The same picture for another process: frames are read now, files in that process."""
        if self.frame is None:
            return self
        try:
            return replace(self, _read=partial(_checked, self.read(), self.name))
        except ImageError as error:
            return replace(self, _read=partial(_refuse, error))


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """All pictures of one source; every iteration restarts if the source allows it.

    Attributes:
        kind: The kind of the source.
        path: The file or folder; ``image`` or ``frames`` if there is none.
        count: Expected number of pictures, for progress bars; None if unknown.
        video: The open video; None for other sources.
        others: Of a folder, suffix → number of files that are no pictures by it.

    """

    kind: SourceKind
    path: Path
    count: int | None
    video: VideoReader | None
    _each: Callable[[], Iterator[Picture]]
    others: Counter[str] = field(default_factory=Counter)

    def __iter__(self) -> Iterator[Picture]:
        return self._each()

    def refuse_results_in(self, out: Path) -> None:
        """Raise an error if the folder for results is the source folder or inside it.

        Args:
            out: Folder for results; symbolic links are resolved.

        Raises:
            OutputError: ``out`` is the source folder or inside it.

        """
        if self.kind is SourceKind.FOLDER:
            refuse_inside(out, self.path)


def open_pictures(source: PictureSource, every: int = 1) -> Pictures:
    """Find the pictures of a source.

    Args:
        source: See :data:`PictureSource`. A folder is searched with its sub-folders, sorted by
            name; hidden files are skipped, those without an image's suffix counted. A file is read
            as an image if that is possible, else as a video.
        every: Every ``every``-th frame of a video or an iterable is taken.

    Raises:
        InputError: the source does not exist, or has no pictures.
        ImageError: an array is not an RGB picture.

    """
    match source:
        case str() | Path():
            return _files(Path(source), every)
        case np.ndarray():
            picture = Picture(_ARRAY, _ARRAY.name, None, None, partial(_checked, source, "image"))
            picture.read()  # an invalid array is refused before any model is opened
            return Pictures(SourceKind.IMAGE, _ARRAY, 1, None, lambda: iter([picture]))
        case VideoReader():
            return _of_reader(source, every)
        case Iterable():
            return _frames(source, every)
        case _:
            raise InputError(
                f"{type(source).__name__} is no source of pictures; give a path, an RGB array, "
                "or an iterable of arrays or frames"
            )


_ARRAY, _FRAMES = Path("image"), Path("frames")


def _files(source: Path, every: int) -> Pictures:
    if source.is_dir():
        return _folder(source)
    if source.suffix.lower() in IMAGE_SUFFIXES or not source.exists() or is_picture(source):
        return _image(source)
    try:
        return _of_reader(open_video(source), every)
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
    listing = list_folder(folder, IMAGE_SUFFIXES)
    paths = listing.files
    if not paths:
        others = passed_over(listing.others)
        raise InputError(
            f"{folder}: no picture in it or below it{f', {others}' if others else ''}; "
            "it needs files such as .jpg or .png"
        )

    def each() -> Iterator[Picture]:
        for path in paths:
            name = path.relative_to(folder).as_posix()
            yield Picture(path, name, None, None, partial(read_image, path))

    return Pictures(SourceKind.FOLDER, folder, len(paths), None, each, listing.others)


def _of_reader(video: VideoReader, every: int) -> Pictures:
    def each() -> Iterator[Picture]:
        for frame in video.frames():
            if frame.index % every == 0:
                seconds = frame.timecode.seconds
                yield Picture(video.path, video.path.name, frame.index, seconds, frame.rgb)

    expected = None if video.frame_estimate is None else -(-video.frame_estimate // every)
    return Pictures(SourceKind.VIDEO, video.path, expected, video, each)


def _frames(source: Iterable[RGBImage] | Iterable[Frame], every: int) -> Pictures:
    def each() -> Iterator[Picture]:
        for index, frame in enumerate(_guarded(source)):
            if index % every:
                continue
            name = f"frame-{index:06d}"
            if isinstance(frame, np.ndarray):
                yield Picture(_FRAMES, name, index, None, partial(_checked, frame, name))
            elif hasattr(frame, "timecode") and hasattr(frame, "rgb"):
                yield Picture(_FRAMES, name, index, frame.timecode.seconds, frame.rgb)
            else:
                raise InputError(
                    f"{name} of the source is a {type(frame).__name__}; give RGB arrays or frames"
                )

    count = -(-len(source) // every) if isinstance(source, Sized) else None
    return Pictures(SourceKind.FRAMES, _FRAMES, count, None, each)


def _guarded(source: Iterable[Any]) -> Iterator[Any]:
    """The items of an iterable; its errors become one line with the number of frames before."""
    given = 0
    try:
        for item in source:
            yield item
            given += 1
    except CloseupError:
        raise
    except Exception as error:
        raise InputError(
            f"the source failed after {given} frame{'s' * (given != 1)} "
            f"({type(error).__name__}: {error}); mend it and run again"
        ) from error


def _checked(image: NDArray[Any], name: str) -> RGBImage:
    """The array itself, if it is an RGB picture."""
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or not image.size:
        raise ImageError(
            f"{name} is an array of shape {image.shape} and dtype {image.dtype}; "
            "give RGB uint8 of shape (H, W, 3)",
            "not RGB pictures",
        )
    return image


def _refuse(error: ImageError) -> RGBImage:
    raise error
