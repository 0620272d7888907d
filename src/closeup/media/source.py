"""Opening a video file, and one pass over its pictures with their times."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition

from closeup.errors import VideoError
from closeup.timecode import Timecode

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


def video_stream(container: InputContainer, path: Path) -> av.VideoStream:
    """The first video stream that is not a cover picture, with threaded decoding set.

    Raises:
        VideoError: there is no such stream.

    """
    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic:
            stream.thread_type = "AUTO"
            return stream
    raise VideoError(
        f"{path} has no video stream that can be read; name a file with moving pictures"
    )


class DecoderPass:
    """The decoded pictures of one pass over a video.

    Attributes:
        container: The open file.
        stream: Its video stream.
        damaged: Number of packets so far that could not be decoded.
        failure: Reason why reading stopped before the end of the file; None if it did not.

    """

    def __init__(self, container: InputContainer, stream: av.VideoStream) -> None:
        self.container = container
        self.stream = stream
        self.damaged = 0
        self.failure: str | None = None

    def seek_before(self, start: Timecode) -> bool:
        """Seek to a keyframe at or before ``start``; False if none was found.

        Containers seek by decoding time or by estimates and may end up too late; the next
        attempt then aims further back.
        """
        for seconds_back in (0, 2, 10):
            target = start.pts - int(seconds_back / start.time_base)
            try:
                self.container.seek(target, stream=self.stream)
                packet = next(self.container.demux(self.stream))
                if packet.is_keyframe and packet.pts is not None and packet.pts <= start.pts:
                    self.container.seek(target, stream=self.stream)
                    return True
            except (av.FFmpegError, OverflowError):  # OverflowError: more than 64 bits
                return False
        return False

    def pictures(self) -> Iterator[av.VideoFrame]:
        """Every picture that can be decoded."""
        for packet in self._packets():
            try:
                pictures = packet.decode()
            except av.InvalidDataError:
                self.damaged += 1
                continue
            yield from pictures

    def _packets(self) -> Iterator[Packet[av.VideoStream]]:
        """The stream's packets, without a last packet that is truncated by the file's end."""
        packets = self.container.demux(self.stream)
        cut: Packet[av.VideoStream] | None = None
        while True:
            try:
                packet = next(packets, None)
            except av.FFmpegError as error:
                self.failure = error.strerror
                packet = None
            if packet is None:
                return
            if cut is not None:
                if packet.size:
                    yield cut
                else:
                    self.failure = "its last packet is cut off"
            cut = packet if packet.is_corrupt else None
            if cut is None:
                yield packet


@contextmanager
def opened_before(path: Path, start: Timecode | None) -> Iterator[DecoderPass]:
    """Open a video at a keyframe at or before ``start``, or at its beginning."""
    with opened(path) as container:
        source = DecoderPass(container, video_stream(container, path))
        if start is None or source.seek_before(start):
            yield source
            return
    with opened(path) as container:
        yield DecoderPass(container, video_stream(container, path))


class Stamper:
    """Assigns strictly increasing presentation times.

    A picture keeps the time that the container gives it. If that is missing, the decoding time
    is used (AVI stores only that). If this is missing too, or the time is not later than the
    last one, the average duration of a picture is added to the last time. Only in such damaged
    streams, a pass that begins later may get times that differ from those of a full pass.
    """

    def __init__(self, step: int) -> None:
        """Use steps of ``step`` units of the time base where no time is known."""
        self._step = step
        self._last: int | None = None
        self.mended = 0

    def stamp(self, picture: av.VideoFrame) -> int:
        """The picture's time in units of its stream's time base."""
        time = picture.pts if picture.pts is not None else picture.dts
        if time is None or (self._last is not None and time <= self._last):
            time = 0 if self._last is None else self._last + self._step
            self.mended += 1
        self._last = time
        return time
