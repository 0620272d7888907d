"""The sound of a video as packets that MP4 can carry, re-encoded only where necessary."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import NamedTuple, cast

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Discard

from closeup.media.clocks import Clock, mended_packets
from closeup.media.encoded_sound import encode_as_aac
from closeup.media.source import opened
from closeup.media.survey import survey
from closeup.progress import Progress

MP4_CODECS = {"aac", "ac3", "alac", "eac3", "flac", "mp2", "mp3", "opus"}
"""Audio codecs that MP4 can carry and that MP4 players support; FFmpeg would also write raw PCM
into it, which browsers do not play."""

_TRIED = 50
"""Packets of which one must be decodable for a stream to be taken."""


class AudioPacket(NamedTuple):
    """One packet of compressed sound, independent of the file it comes from.

    Attributes:
        data: The compressed sound.
        pts: Presentation time in units of ``time_base``, on the clock of the pictures.
        duration: Duration in the same units; 0 if unknown.
        time_base: Seconds per unit.

    """

    data: bytes
    pts: int
    duration: int
    time_base: Fraction

    @property
    def seconds(self) -> Fraction:
        """Exact start in seconds."""
        return self.pts * self.time_base


@dataclass(frozen=True, slots=True, eq=False)
class AudioTrack:
    """One stream of sound in a file.

    Attributes:
        path: The file.
        stream: The stream in an open file, the template for the stream of a new file.
        clock: Mends the times of the packets.

    """

    path: Path
    stream: AudioStream
    clock: Clock

    @property
    def time_base(self) -> Fraction:
        """Seconds per unit of the packets' times."""
        return self.stream.time_base or Fraction(1, self.stream.codec_context.sample_rate)

    def packets(self, start: Fraction) -> Iterator[AudioPacket]:
        """The packets from the one that contains ``start`` seconds, up to the first read error."""
        with opened(self.path) as container:
            for stream in container.streams:
                if stream.index != self.stream.index:
                    stream.discard = Discard.all  # demuxers such as MP4's then skip video data
            with suppress(av.FFmpegError):
                if self.clock.is_right:
                    self._seek_before(container, start)
                for packet in self._demux(container):
                    if packet.seconds + packet.duration * packet.time_base > start:
                        yield packet

    def _seek_before(self, container: InputContainer, start: Fraction) -> None:
        beginning = Fraction(container.start_time or 0, av.time_base)
        for seconds in (start - 1, start - 10):
            if seconds <= beginning:
                break
            _seek(container, seconds)
            first = next(self._demux(container), None)
            if first is not None and first.seconds <= start:
                return _seek(container, seconds)
        return _seek(container, min(Fraction(0), beginning))

    def _demux(self, container: InputContainer) -> Iterator[AudioPacket]:
        base, following = self.time_base, 0
        stream = cast("AudioStream", container.streams[self.stream.index])
        for _, packet in mended_packets(container.demux(stream), self.clock):
            if packet.size:
                time = packet.dts if packet.pts is None else packet.pts
                time = following if time is None else time
                following = time + (packet.duration or 0)
                yield AudioPacket(bytes(packet), time, packet.duration or 0, base)


def _seek(container: InputContainer, seconds: Fraction) -> None:
    container.seek(int(seconds * av.time_base))


@contextmanager
def opened_audio(path: Path, progress: Progress) -> Iterator[AudioTrack | None]:
    """Open a video's sound: the default stream, or the best of those that can be decoded.

    Sound that MP4 cannot carry (PCM of cameras, Vorbis) is first encoded as AAC into a temporary
    file, since a close-up without sound would be worse.

    Args:
        path: The video.
        progress: Receives a message if the best stream cannot be decoded, or none can.

    Yields:
        The sound; None if the video has none that can be decoded.

    Raises:
        VideoError: the file cannot be opened.
        OutputError: the temporary file cannot be written.

    """
    streams = survey(path).sound
    chosen = next(((i, clock) for i, clock in streams if _can_be_decoded(path, i)), None)
    if chosen is None:
        if streams:
            progress.say(f"the sound of {path.name} cannot be decoded; the results are silent")
        yield None
        return
    index, clock = chosen
    if index != streams[0][0]:
        progress.say(
            f"track {streams[0][0]} of {path.name} cannot be decoded; the sound of track {index} "
            "is used"
        )
    with opened(path) as container:
        stream = cast("AudioStream", container.streams[index])
        if stream.codec_context.codec.canonical_name in MP4_CODECS:
            yield AudioTrack(path, stream, clock)
            return
    with tempfile.TemporaryDirectory(prefix="closeup-") as folder:
        copy = Path(folder) / "sound.m4a"
        start = encode_as_aac(path, index, clock, copy)
        with opened(copy) as container:
            yield AudioTrack(copy, container.streams.audio[0], Clock((0,), (start,)))


def _can_be_decoded(path: Path, index: int) -> bool:
    with opened(path) as container, suppress(av.FFmpegError):
        stream = cast("AudioStream", container.streams[index])
        if stream.codec_context is None:
            return False
        for packet in islice(container.demux(stream), _TRIED):
            with suppress(av.InvalidDataError):
                if packet.decode():
                    return True
    return False
