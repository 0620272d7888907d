"""Opening video files so that everything that can be wrong with them is one clear line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
from av.container import InputContainer
from av.stream import Disposition

from closeup.errors import VideoError

_TEXT_DEMUXERS = {"tty", "subviewer", "srt", "ass", "webvtt"}
"""FFmpeg draws any text file as a terminal's screen; nobody means that."""

_STILL = "image2"
"""The demuxer of single pictures, which is also chosen by content as ``png_pipe`` and so on."""


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


def video_stream(container: InputContainer, path: Path) -> av.VideoStream:
    """The first video stream that is not a cover picture, with threaded decoding set.

    Raises:
        VideoError: there is none.

    """
    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic:
            stream.thread_type = "AUTO"
            return stream
    raise VideoError(
        f"{path} has no video stream that can be read; name a file with moving pictures"
    )
