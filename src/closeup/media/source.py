"""Opening a media file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
from av.container import InputContainer

from closeup.errors import VideoError

_TEXT_DEMUXERS = {"tty", "subviewer", "srt", "ass", "webvtt"}
"""Demuxers that render a text file as a video of a terminal, which is not wanted."""

_STILL = "image2"
"""Demuxer of single pictures; those chosen by content are called ``png_pipe`` and so on."""


@contextmanager
def opened(path: Path) -> Iterator[InputContainer]:
    """Open a media file for one pass over it.

    Raises:
        VideoError: there is no such file, or it is not a video that FFmpeg reads.

    """
    try:
        container = av.open(file_url(path), metadata_errors="ignore")
    except FileNotFoundError:
        raise VideoError(f"{path}: no such file; check the name") from None
    except IsADirectoryError:
        raise VideoError(f"{path} is a folder; name the video file in it") from None
    except (av.FFmpegError, OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise VideoError(
            f"{path} cannot be opened as a video: {reason}; check that it plays elsewhere"
        ) from error
    with container:
        if container.format.name in _TEXT_DEMUXERS:
            raise VideoError(f"{path} is a text file; name a video")
        if container.format.name == _STILL or container.format.name.endswith("_pipe"):
            raise VideoError(f"{path} is a single picture; name a video")
        yield container


def file_url(path: Path) -> str:
    """The path as FFmpeg takes it: ``live:1.mp4`` alone would name a protocol."""
    return f"file:{path}"
