"""Opening a video file, and one pass over its pictures with a time for each."""

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


class DecoderPass:
    """The pictures of one pass, as they come out of the decoder.

    Attributes:
        container: The open file.
        stream: Its video.
        damaged: Packets that could not be decoded so far.
        failure: Why reading stopped before the end of the file, else None.

    """

    def __init__(self, container: InputContainer, stream: av.VideoStream) -> None:
        self.container = container
        self.stream = stream
        self.damaged = 0
        self.failure: str | None = None

    def seek_before(self, start: Timecode) -> bool:
        """Go to a keyframe at or before ``start``; false when none was found by seeking.

        Containers seek by decoding time or by guesses, and may land too late: then the
        next try aims further back.
        """
        for seconds_back in (0, 2, 10):
            target = start.pts - int(seconds_back / start.time_base)
            try:
                self.container.seek(target, stream=self.stream)
                packet = next(self.container.demux(self.stream))
                if packet.is_keyframe and packet.pts is not None and packet.pts <= start.pts:
                    self.container.seek(target, stream=self.stream)
                    return True
            except (av.FFmpegError, OverflowError):  # the latter past what 64 bits can say
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
        """The stream's packets without a last one that the file's end cuts through."""
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
    """Open at a keyframe that is shown no later than ``start``, or at the beginning."""
    with opened(path) as container:
        source = DecoderPass(container, video_stream(container, path))
        if start is None or source.seek_before(start):
            yield source
            return
    with opened(path) as container:
        yield DecoderPass(container, video_stream(container, path))


class Stamper:
    """Gives strictly increasing presentation times.

    A picture keeps the time that the container gives it. Where that is missing, the
    decoding time stands in (AVI stores only that); where this is missing too, or the time
    does not come after the last one, the picture follows the last one by the average
    duration of a picture. In such damaged streams, and only there, a pass that begins
    later may number its times differently from one that begins at the start.
    """

    def __init__(self, step: int) -> None:
        """Count on by ``step`` units of the time base where no time is known."""
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
