"""The sound of a video as packets that MP4 can carry, re-encoded only where necessary."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.stream import Discard

from closeup.errors import OutputError
from closeup.media.source import opened

MP4_CODECS = {"aac", "ac3", "alac", "eac3", "flac", "mp2", "mp3", "opus"}
"""Audio codecs that MP4 can carry and that MP4 players support; FFmpeg would also write raw PCM
into it, which browsers do not play."""

_AAC_RATES = {8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000}


class AudioPacket(NamedTuple):
    """One packet of compressed sound, independent of the file it comes from.

    Attributes:
        data: The compressed sound.
        pts: Presentation time in units of ``time_base``, on the clock of the source file.
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


class AudioTrack:
    """The first sound stream of an open file.

    Attributes:
        stream: The source's audio stream, the template for the stream of a new file.
        time_base: Seconds per unit of the packets' times.

    """

    def __init__(self, container: InputContainer, stream: AudioStream) -> None:
        self.stream = stream
        self.time_base = stream.time_base or Fraction(1, stream.codec_context.sample_rate)
        self._container = container

    def packets(self, start: Fraction) -> Iterator[AudioPacket]:
        """The packets from the one that contains ``start`` seconds, up to the first read error."""
        for stream in self._container.streams:
            if stream is not self.stream:
                stream.discard = Discard.all  # demuxers such as MP4's then skip video data
        with suppress(av.FFmpegError):
            self._seek_before(start)
            for packet in self._demux():
                if packet.seconds + packet.duration * packet.time_base > start:
                    yield packet

    def _seek_before(self, start: Fraction) -> None:
        for seconds in (start - 1, start - 10):
            self._seek(seconds)
            first = next(self._demux(), None)
            if first is not None and first.seconds <= start:
                return self._seek(seconds)
        return self._seek(Fraction(0))

    def _seek(self, seconds: Fraction) -> None:
        self._container.seek(max(0, int(seconds * av.time_base)))

    def _demux(self) -> Iterator[AudioPacket]:
        for packet in self._container.demux(self.stream):
            if packet.pts is not None and packet.size:
                yield AudioPacket(bytes(packet), packet.pts, packet.duration or 0, packet.time_base)


@contextmanager
def opened_audio(path: Path) -> Iterator[AudioTrack | None]:
    """Open a video's sound; yields None if it has none that can be read.

    Sound that MP4 cannot carry (PCM of cameras, Vorbis) is first encoded as AAC into a temporary
    file, since a close-up without sound would be worse.

    Raises:
        VideoError: the file cannot be opened.
        OutputError: the temporary file cannot be written.

    """
    with opened(path) as container, tempfile.TemporaryDirectory(prefix="closeup-") as folder:
        stream = next(iter(container.streams.audio), None)
        if stream is None or stream.codec_context is None:
            yield None
        elif stream.codec_context.name in MP4_CODECS:
            yield AudioTrack(container, stream)
        elif _encode_as_aac(container, stream, encoded := Path(folder) / "sound.m4a"):
            with opened(encoded) as copy:
                yield AudioTrack(copy, copy.streams.audio[0])
        else:
            yield None


def _encode_as_aac(container: InputContainer, source: AudioStream, target: Path) -> bool:
    """Write the sound as AAC with the same time stamps; False if it cannot be decoded."""
    try:
        with av.open(str(target), "w") as output:
            _transcode(container, source, output)
    except OSError as error:
        raise OutputError(
            f"cannot encode the sound in {target.parent}: {error.strerror}; free some space"
        ) from error
    except av.FFmpegError:
        return False
    return target.exists()


def _transcode(container: InputContainer, source: AudioStream, output: OutputContainer) -> None:
    rate = source.codec_context.sample_rate
    rate = rate if rate in _AAC_RATES else 48_000
    layout = "mono" if source.codec_context.layout.nb_channels == 1 else "stereo"
    stream = output.add_stream("aac", rate=rate, layout=layout)
    resampler = av.AudioResampler("fltp", layout, rate)
    for frame in _decoded(container, source):
        for resampled in resampler.resample(frame):
            output.mux(stream.encode(resampled))
    for resampled in resampler.resample(None):
        output.mux(stream.encode(resampled))
    output.mux(stream.encode(None))


def _decoded(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except av.InvalidDataError:
            continue
        yield from frames
