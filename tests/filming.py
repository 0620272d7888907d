"""Small videos of known content."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import OutputContainer
from numpy.typing import NDArray

from closeup.media.filters import PictureFilter

Picture = NDArray[np.uint8]
BITS = 6


def numbered(number: int, width: int, height: int) -> Picture:
    """A picture that is bright on its top left and spells ``number`` in stripes below."""
    picture = np.full((height, width, 3), 30, np.uint8)
    picture[: height // 2, : width // 2] = 230
    for bit in range(BITS):
        x = bit * width // BITS
        picture[height // 2 :, x : x + width // BITS] = 200 if number >> bit & 1 else 60
    return picture


def number_in(picture: Picture) -> int:
    """What :func:`numbered` wrote; works on RGB and on luma."""
    height, width = picture.shape[:2]
    row = picture[height * 3 // 4].reshape(width, -1).mean(axis=1)
    return sum(1 << bit for bit in range(BITS) if row[(2 * bit + 1) * width // (2 * BITS)] > 130)


def film(
    path: Path,
    pictures: Sequence[Picture],
    *,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    rate: Fraction = Fraction(25),
    time_base: Fraction | None = None,
    stamps: Sequence[int] | None = None,
    rotation: int = 0,
    mirrored: bool = False,
    sound: str | None = None,
    options: dict[str, str] | None = None,
    container_options: dict[str, str] | None = None,
    colours: tuple[int, int, int, int] | None = None,
    fields: str | None = None,
    sounding: Fraction | int | None = None,
) -> Path:
    """Write RGB pictures as a video, with a tone when ``sound`` is a codec.

    The tone lasts ``sounding`` seconds, by default as long as the pictures.
    ``fields`` flags the pictures as interlaced: ``tff`` or ``bff``, as x264 names the order, too.
    """
    flagging = PictureFilter(("setfield", fields)) if fields else None
    if fields:
        options = {**(options or {}), "x264-params": f"{fields}=1"}
    time_base = time_base or 1 / rate
    with av.open(str(path), "w", container_options=container_options or {}) as output:
        stream = output.add_stream(codec, rate=rate, options=options or {})
        assert isinstance(stream, av.VideoStream)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = pix_fmt
        stream.codec_context.time_base = time_base
        stream.codec_context.thread_count = 1
        if colours:
            context = stream.codec_context
            context.color_range, context.color_primaries = colours[:2]
            context.color_trc, context.colorspace = colours[2:]
        if rotation or mirrored:
            stream.set_display_rotation(rotation, hflip=mirrored)
        # Some of FFmpeg's encoders count as experimental, among them Vorbis's and DTS's.
        loose = {"strict": "experimental", "b": "128000"}
        tone = output.add_stream(sound, rate=48_000, options=loose) if sound else None
        for i, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, "rgb24").reformat(format=pix_fmt)
            frame.pts = stamps[i] if stamps else round(i / rate / time_base)
            frame.time_base = time_base
            for flagged in flagging.push(frame) if flagging else (frame,):
                output.mux(stream.encode(flagged))
        output.mux(stream.encode(None))
        if tone is not None:
            assert isinstance(tone, av.AudioStream)
            _play(output, tone, Fraction(sounding or Fraction(len(pictures)) / rate))
    return path


def tone_at(seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    """A tone whose pitch rises steadily, so that a piece of it tells its place in time."""
    return 0.4 * np.sin(2 * np.pi * (300 + 200 * seconds) * seconds)


def _play(output: OutputContainer, stream: av.AudioStream, length: Fraction) -> None:
    samples, rate = 1024, 48_000
    layout = stream.codec_context.layout.name
    channels = stream.codec_context.layout.nb_channels
    resampler = av.AudioResampler(stream.codec_context.format, layout, rate)
    for start in range(0, round(length * rate), samples):
        wave = tone_at(np.arange(start, start + samples) / rate).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(np.tile(wave, (channels, 1)), "fltp", layout)
        frame.rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
        for resampled in resampler.resample(frame):
            output.mux(stream.encode(resampled))
    output.mux(stream.encode(None))
