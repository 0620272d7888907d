"""Encoding sound as AAC without losing its place in time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from fractions import Fraction
from itertools import chain, groupby
from pathlib import Path
from typing import cast

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.filter import Graph

from closeup.errors import OutputError
from closeup.media.clocks import Clock, mended_packets
from closeup.media.source import file_url, opened

_RATES = {8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000}
"""Samples a second that AAC can hold."""

_USUAL_RATE = 48_000

_KEPT_IN_TIME = "out_sample_fmt=fltp:async=1:min_hard_comp=0.02"
"""Options of FFmpeg's ``aresample``: gaps are filled with silence and overlaps are left out from
20 ms on, since an encoder counts samples and would close them."""


def encode_as_aac(path: Path, index: int, clock: Clock, target: Path) -> Fraction:
    """Write one stream of sound as AAC into an MP4 whose first sample is at 0.

    Args:
        path: The file that holds the sound.
        index: The index of the stream, of which at least one packet can be decoded.
        clock: Mends the times of the packets.
        target: The file that is written.

    Returns:
        The time of the first sample in seconds, on the mended clock.

    Raises:
        VideoError: the file cannot be opened.
        OutputError: the target cannot be written.

    """
    with opened(path) as container:
        frames = _decoded(container, index, clock)
        first = next(frames)
        try:
            with av.open(file_url(target), "w") as output:
                _encode(chain([first], frames), first, output)
        except (OSError, av.FFmpegError) as error:
            reason = error.strerror or error
            raise OutputError(
                f"cannot encode the sound in {target.parent}: {reason}; free some space"
            ) from error
    return (first.pts or 0) * (first.time_base or Fraction(1, first.sample_rate))


def _encode(frames: Iterable[AudioFrame], like: AudioFrame, output: OutputContainer) -> None:
    rate = like.sample_rate if like.sample_rate in _RATES else _USUAL_RATE
    layout = "mono" if like.layout.nb_channels == 1 else "stereo"
    stream = output.add_stream("aac", rate=rate, layout=layout)
    start = like.pts or 0
    for frame in _kept_in_time(frames, f"{rate}:out_chlayout={layout}:{_KEPT_IN_TIME}"):
        frame.pts = (frame.pts or 0) - round(start * (like.time_base or 1) * rate)
        output.mux(stream.encode(frame))
    output.mux(stream.encode(None))


def _kept_in_time(frames: Iterable[AudioFrame], options: str) -> Iterator[AudioFrame]:
    """The frames through FFmpeg's ``aresample``; a broadcast may change from stereo to mono."""
    for _, alike in groupby(frames, _form):
        graph = Graph()
        for number, frame in enumerate(alike):
            if number == 0:
                source = graph.add_abuffer(
                    sample_rate=frame.sample_rate,
                    format=frame.format,
                    layout=frame.layout,
                    time_base=frame.time_base,
                )
                filters = graph.add("aresample", options), graph.add("abuffersink")
                graph.link_nodes(source, *filters).configure()
            graph.push(frame)
            yield from _ready(graph)
        graph.push(None)
        yield from _ready(graph)


def _form(frame: AudioFrame) -> tuple[int, str, str]:
    return frame.sample_rate, frame.format.name, frame.layout.name


def _ready(graph: Graph) -> Iterator[AudioFrame]:
    while True:
        try:
            yield cast("AudioFrame", graph.pull())
        except (BlockingIOError, EOFError):
            return


def _decoded(container: InputContainer, index: int, clock: Clock) -> Iterator[AudioFrame]:
    """Every frame that can be decoded up to the first read error, with its mended time.

    A frame without a time, such as a decoder's last, follows the one before it.
    """
    following = 0
    with suppress(av.FFmpegError):
        stream = cast("AudioStream", container.streams[index])
        for _, packet in mended_packets(container.demux(stream), clock):
            with suppress(av.InvalidDataError):
                for frame in packet.decode():
                    base = frame.time_base or Fraction(1, frame.sample_rate)
                    frame.pts = following if frame.pts is None else frame.pts
                    following = frame.pts + round(frame.samples / frame.sample_rate / base)
                    yield frame
