"""The packets of a file: when each is shown, and where the size of the pictures changes.

Sizes change in mid-file when a phone is turned or a call adapts.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterator
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream
from numpy.typing import NDArray

from closeup.geometry import Size
from closeup.media.clocks import RIGHT, Clock, StreamTimes
from closeup.media.source import opened

_SIZE_BYTES = {
    "av1": slice(0, 16),
    "h264": slice(0, 40),
    "hevc": slice(0, 64),
    "mpeg1video": slice(4, 7),
    "mpeg2video": slice(4, 7),
    "vp8": slice(6, 10),
    "vp9": slice(4, 9),
}
"""Where the size of the picture is in a keyframe, for the codecs that repeat it there: in the
sequence header, the parameter sets or the frame header."""

_PARAMETER_SETS = {7, 9}
"""Types of the first unit of an H.264 keyframe that repeats its parameters: these, or a
delimiter before them."""

_UNKNOWN = int(np.iinfo(np.int64).min)


class PacketLog:
    """The packets of one stream, in the order of the file.

    Attributes:
        time_base: Seconds per unit of all times.
        new_sizes: Numbers of keyframes at which the size of the pictures may change.

    """

    def __init__(self, stream: Stream) -> None:
        self.time_base = stream.time_base or Fraction(1, 1000)
        self.new_sizes: list[int] = []
        self._places, self._pts, self._dts = array("q"), array("q"), array("q")
        self._durations = array("q")
        self._is_key, self._is_shown = array("b"), array("b")
        self._head: bytes | None = None
        context = stream.codec_context
        self._codec = context.codec.canonical_name if context else ""
        self._is_packed = bool(context and context.extradata and context.extradata[0] == 1)

    def __len__(self) -> int:
        return len(self._pts)

    def add(self, place: int, packet: Packet[Stream]) -> None:
        """Note the next packet, the ``place``-th of the file."""
        self._places.append(place)
        self._pts.append(_UNKNOWN if packet.pts is None else packet.pts)
        self._dts.append(_UNKNOWN if packet.dts is None else packet.dts)
        self._durations.append(packet.duration or 0)
        self._is_key.append(packet.is_keyframe)
        self._is_shown.append(not packet.is_discard)
        if packet.is_keyframe and self._may_change_size(packet):
            self.new_sizes.append(len(self) - 1)

    def decoding_times(self) -> StreamTimes:
        """When the packets are decoded, or shown where the file states only that."""
        dts, pts = np.array(self._dts, np.int64), np.array(self._pts, np.int64)
        known = dts if (dts != _UNKNOWN).any() else pts
        seconds = np.where(known == _UNKNOWN, np.nan, known * float(self.time_base))
        return StreamTimes(np.array(self._places, np.int64), seconds)

    def shown(self, clock: Clock = RIGHT) -> NDArray[np.int64]:
        """Presentation time and duration of the packets that are shown, in units; shape (n, 2).

        Packets without a presentation time have their decoding time; those without both are left
        out.
        """
        rows = [
            (time, duration)
            for number, duration in enumerate(self._durations)
            if self._is_shown[number] and (time := self.time(number, clock)) is not None
        ]
        return np.array(rows, np.int64).reshape(-1, 2)

    @property
    def end(self) -> Fraction | None:
        """End of the last packet in seconds on the file's clock; None if there are no times."""
        shown = self.shown()
        return int(shown.sum(axis=1).max()) * self.time_base if len(shown) else None

    def keyframes(self, clock: Clock) -> Iterator[tuple[int, int]]:
        """Number and mended presentation time of each keyframe whose time is known."""
        for number, is_key in enumerate(self._is_key):
            time = self.time(number, clock) if is_key else None
            if time is not None:
                yield number, time

    def time(self, number: int, clock: Clock) -> int | None:
        """The mended presentation time of a packet in units; None if it is unknown."""
        time = self._dts[number] if self._pts[number] == _UNKNOWN else self._pts[number]
        return clock.mended(number, None if time == _UNKNOWN else time, self.time_base)

    def _may_change_size(self, packet: Packet[Stream]) -> bool:
        if packet.has_sidedata("new_extradata"):
            return True
        place = _SIZE_BYTES.get(self._codec)
        if place is None or (self._is_packed and not _repeats_parameters(self._codec, packet)):
            return False
        before, self._head = self._head, memoryview(packet)[place].tobytes()
        return before is not None and before != self._head


def _repeats_parameters(codec: str, packet: Packet[Stream]) -> bool:
    """Whether a keyframe of a file with its parameters in the header repeats them."""
    return codec == "h264" and packet.size > 4 and memoryview(packet)[4] & 31 in _PARAMETER_SETS


def log_packets(container: InputContainer) -> dict[int, PacketLog]:
    """The packets of all streams of pictures and sound up to the first read error, by index."""
    streams = [*container.streams.video, *container.streams.audio]
    logs = {stream.index: PacketLog(stream) for stream in streams}
    try:
        for place, packet in enumerate(container.demux(streams)):
            if packet.size:
                logs[packet.stream_index].add(place, packet)
    except av.FFmpegError:
        pass  # a pass over the pictures says where and why it ended
    return logs


def sizes_at(path: Path, index: int, keyframes: Collection[int]) -> Iterator[Size]:
    """Stored sizes of keyframes, each decoded by itself; those that cannot be are left out.

    Args:
        path: The file.
        index: The index of the stream of pictures.
        keyframes: Numbers of the keyframes' packets, increasing.

    """
    if not keyframes:
        return
    with opened(path) as container:
        stream = cast("VideoStream", container.streams[index])
        wanted, number = set(keyframes), -1
        for packet in container.demux(stream):
            number += bool(packet.size)
            if number in wanted:
                wanted.remove(number)
                yield from _size(packet, stream.codec_context)
            if not wanted:
                return


def _size(packet: Packet[VideoStream], like: VideoCodecContext) -> Iterator[Size]:
    """The size of a keyframe, by a decoder of its own: the stream's would want what is between."""
    decoder = cast("VideoCodecContext", av.CodecContext.create(like.codec.name, "r"))
    decoder.extradata = like.extradata
    if packet.has_sidedata("new_extradata"):
        decoder.extradata = bytes(packet.get_sidedata("new_extradata"))
    try:
        pictures = [*decoder.decode(packet), *decoder.decode(None)]
    except av.FFmpegError:
        return
    yield from (Size(picture.width, picture.height) for picture in pictures[:1])
