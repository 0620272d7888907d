"""One pass over a video's pictures, from a place that may lie in its middle."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
from av.container import InputContainer
from av.packet import Packet

from closeup.media.containers import opened, video_stream
from closeup.timecode import Timecode


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
