"""The same work on every picture of a source, on all processors; damaged pictures are left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from closeup.errors import ImageError, InputError
from closeup.executors.threads import Threads
from closeup.frames import RGBImage
from closeup.media.pictures import Picture, Pictures, SourceKind
from closeup.progress import Progress
from closeup.protocols import Executor

R = TypeVar("R")


def each_picture(
    pictures: Pictures,
    work: Callable[[RGBImage], R],
    progress: Progress,
    stage: str = "finding faces",
    executor: Executor | None = None,
) -> Iterator[tuple[Picture, R]]:
    """Yield every picture with ``work(its pixels)``, in order.

    A picture of a folder that cannot be read is named through ``progress`` and left out;
    so is where and why a video ends early.

    Args:
        pictures: What was given.
        work: Called for several pictures at a time; networks in it run best on one thread.
        progress: Receives one stage.
        stage: Its name.
        executor: Calls ``work``; None for threads.

    Raises:
        PartError: ``work`` cannot be sent to another process.
        ImageError: the one image that was given cannot be read, or no picture of a folder.
        InputError: an iterable failed, or gave no frame.

    """
    executor = executor or Threads()
    progress.begin(stage, pictures.count)
    items = (picture.portable() for picture in pictures) if executor.separate else pictures
    done = 0
    failure: ImageError | None = None
    for picture, result in executor.map(_ReadAndWork(work), items):
        progress.advance()
        if isinstance(result, ImageError):
            if pictures.kind is SourceKind.IMAGE:
                raise result
            failure = result
            progress.say(f"{result}; it is left out")
        else:
            done += 1
            yield picture, result
    if failure and not done:
        raise ImageError(f"{pictures.path}: no picture can be read; the last: {failure}")
    if not done and pictures.kind is SourceKind.FRAMES:
        raise InputError(
            "the source gave no frame; a generator or a camera gives its frames once, a list again"
        )
    _tell(pictures, progress)


@dataclass(frozen=True, slots=True)
class _ReadAndWork(Generic[R]):
    """Works on the pixels of a picture; an error of reading is a result, too."""

    work: Callable[[RGBImage], R]

    def __call__(self, picture: Picture) -> R | ImageError:
        try:
            return self.work(picture.read())
        except ImageError as error:
            return error


def _tell(pictures: Pictures, progress: Progress) -> None:
    if pictures.video:
        for line in (*pictures.video.warnings, pictures.video.ended_early):
            if line:
                progress.say(line)
