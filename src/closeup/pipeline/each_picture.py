"""The same work on every picture of an input, on all processors, past those that are damaged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from closeup.errors import ImageError
from closeup.executors.threads import ordered_map
from closeup.frames import RGBImage
from closeup.media.pictures import Picture, Pictures, SourceKind
from closeup.progress import Progress

R = TypeVar("R")


def each_picture(
    pictures: Pictures,
    work: Callable[[RGBImage], R],
    progress: Progress,
    stage: str = "finding faces",
) -> Iterator[tuple[Picture, R]]:
    """Yield every picture with ``work(its pixels)``, in order.

    A picture of a folder that cannot be read is named through ``progress`` and left out;
    so is where and why a video ends early.

    Args:
        pictures: What was given.
        work: Called from several threads at a time; networks in it run best on one thread.
        progress: Hears of one stage.
        stage: What it is called.

    Raises:
        ImageError: the one image that was given cannot be read, or no picture of a folder.

    """

    def read_and_work(picture: Picture) -> R | ImageError:
        try:
            return work(picture.read())
        except ImageError as error:
            return error

    progress.begin(stage, pictures.count)
    results = ordered_map(lambda picture: (picture, read_and_work(picture)), pictures)
    done = 0
    failure: ImageError | None = None
    for picture, result in results:
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
    _tell(pictures, progress)


def _tell(pictures: Pictures, progress: Progress) -> None:
    if pictures.video:
        for line in (*pictures.video.warnings, pictures.video.ended_early):
            if line:
                progress.say(line)
