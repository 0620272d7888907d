"""One pass over the pictures of a video, with their times."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from closeup.media.clocks import RIGHT, Clock, mended_packets
from closeup.media.source import opened
from closeup.timecode import Timecode


@dataclass(frozen=True, slots=True)
class PictureTrack:
    """A stream of pictures in a file.

    Attributes:
        index: The stream's index.
        clock: Mends the times of the packets, which are counted from the file's beginning.
        keyframes: Number of the packet and mended presentation time of each keyframe; needed only
            where the clock mends anything.

    """

    index: int
    clock: Clock = RIGHT
    keyframes: tuple[tuple[int, int], ...] = ()

    def last_keyframe(self, start: Timecode | None) -> int:
        """Number of the last keyframe at or before ``start``; 0 if there is none."""
        if start is None:
            return 0
        return max((number for number, time in self.keyframes if time <= start.pts), default=0)


class DecoderPass:
    """The decoded pictures of one pass over a video.

    Attributes:
        container: The open file.
        stream: Its video stream.
        damaged: Number of packets so far that could not be decoded.
        failure: Reason why reading stopped before the end of the file; None if it did not.

    """

    def __init__(
        self,
        container: InputContainer,
        track: PictureTrack,
        skipped: int = 0,
        *,
        threaded: bool = True,
    ) -> None:
        """Read a track from the current place of the file.

        Args:
            container: The open file.
            track: The stream of pictures.
            skipped: Number of packets to pass over without decoding.
            threaded: Whether several pictures are decoded at the same time; for a few pictures the
                threads would decode more than are wanted.

        """
        self.container = container
        self.stream = cast("VideoStream", container.streams[track.index])
        self.stream.thread_type = "AUTO" if threaded else "SLICE"
        self.damaged = 0
        self.failure: str | None = None
        self._clock, self._skipped = track.clock, skipped

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
        """Every picture that can be decoded, with its mended time."""
        for number, packet in mended_packets(self._packets(), self._clock):
            if number < self._skipped:
                continue
            try:
                pictures = packet.decode()
            except av.InvalidDataError:
                self.damaged += 1
                continue
            yield from pictures

    def _packets(self) -> Iterator[Packet[VideoStream]]:
        """The stream's packets, without a last packet that is truncated by the file's end."""
        packets = self.container.demux(self.stream)
        cut: Packet[VideoStream] | None = None
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


@contextmanager
def opened_before(
    path: Path, track: PictureTrack, start: Timecode | None = None, *, threaded: bool = True
) -> Iterator[DecoderPass]:
    """Open a file's pictures at a keyframe at or before ``start``, or at the beginning.

    A file whose clock is mended is read from its beginning, since seeking in it goes by the times
    that it states; what comes before the keyframe is not decoded.

    Args:
        path: The file.
        track: The stream of pictures.
        start: First time that is wanted, on the mended clock; None for the beginning.
        threaded: As for :class:`DecoderPass`.

    """
    with opened(path) as container:
        source = DecoderPass(container, track, track.last_keyframe(start), threaded=threaded)
        if start is None or not track.clock.is_right or source.seek_before(start):
            yield source
            return
    with opened(path) as container:
        yield DecoderPass(container, track, threaded=threaded)
