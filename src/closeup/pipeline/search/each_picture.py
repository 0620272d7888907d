"""Applies a function to all pictures of a source in parallel; damaged ones are left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from closeup.errors import ImageError, InputError
from closeup.executors.threads import Threads
from closeup.files.passed_over import PassedOver
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

    Unreadable pictures of a folder are left out. ``progress`` receives the first of them, and at
    the end how many files were passed over and why. If a video ends early, the time and cause are
    reported.

    Args:
        pictures: The pictures of the source.
        work: Called for several pictures in parallel; its networks run best on one thread.
        progress: Receives one stage.
        stage: Name of the stage.
        executor: Calls ``work``; None for threads.

    Raises:
        PartError: ``work`` cannot be sent to another process.
        ImageError: the single image, or every picture of a folder, cannot be read.
        InputError: an iterable failed, or gave no frame.

    """
    executor = executor or Threads()
    progress.begin(stage, pictures.count)
    items = (picture.portable() for picture in pictures) if executor.separate else pictures
    noun = "file" if pictures.kind in (SourceKind.IMAGE, SourceKind.FOLDER) else "frame"
    done, passed = 0, PassedOver(progress, pictures.others, noun)
    failure: ImageError | None = None
    for picture, result in executor.map(_ReadAndWork(work), items):
        progress.advance()
        if isinstance(result, ImageError):
            if pictures.kind is SourceKind.IMAGE:
                raise result
            failure = result
            passed.leave_out(f"{result}; it is left out", result.kind)
        else:
            done += 1
            yield picture, result
    passed.say_sum()
    if failure and not done:
        raise ImageError(f"{pictures.path}: no picture can be read; the last: {failure}")
    if not done and pictures.kind is SourceKind.FRAMES:
        raise InputError(
            "the source gave no frame; a generator or a camera gives its frames once, a list again"
        )
    _tell(pictures, progress)


@dataclass(frozen=True, slots=True)
class _ReadAndWork(Generic[R]):
    """Reads a picture and calls ``work``; returns a read error instead of raising it."""

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
