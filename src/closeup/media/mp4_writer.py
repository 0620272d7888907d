"""Writing one MP4 file: pictures are encoded with x264, sound packets are copied."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.audio.stream import AudioStream

from closeup.errors import OutputError
from closeup.geometry import Size
from closeup.media.audio_track import AudioPacket, AudioTrack
from closeup.media.colours import ColourTags
from closeup.media.planes import Planes
from closeup.media.source import file_url

PRESETS = (
    "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"
)  # fmt: skip
"""x264's presets, from the fastest to the one that makes the smallest files."""

LOOKAHEAD = 5
"""Pictures that x264 looks ahead. The ten of its preset ``veryfast`` take 33 MB more at 1080x1920,
and gain nothing: on a portrait video and a stage the files of five are 3 to 7 % smaller at crf 21,
with 0.2 dB less and the same PSNR."""

_TUNING = {"aq-mode": "2", "aq-strength": "0.7", "trellis": "1"}
"""How x264 divides the bits: among the blocks of a picture by their variance, less strongly than by
default, and within a block by what each coefficient costs. At equal SSIM the files of real
close-ups are a tenth smaller than without, in the same time; ``benchmarks/bitrate.py`` compares."""

_BUFFER_SECONDS = 2
"""Seconds of the largest bit rate that may be used up at once, by a cut or a flash."""

_KEYFRAME_SECONDS = 2
"""Keyframe interval: players that are kept in step with another video must be able to seek;
x264's default is ten seconds."""


@dataclass(frozen=True, slots=True)
class VideoFormat:
    """Format and encoder settings of the pictures.

    Attributes:
        size: Width and height in pixels, both even.
        time_base: Seconds per unit of the time stamps.
        rate: Average frames a second, for rate control only.
        colours: Colour tags of the planes.
        preset: x264's preset, one of :data:`PRESETS`.
        crf: x264's constant rate factor, 0 to 51.
        threads: Threads of this encoder; 0 for x264's choice.
        max_rate: Largest bit rate of the pictures over any two seconds, in bits a second; the
            quality falls where ``crf`` would need more. None for no limit.

    Raises:
        ValueError: the width or height is odd, which yuv420p cannot store, or x264 has no
            such preset or factor, or the bit rate is not positive.

    """

    size: Size
    time_base: Fraction
    rate: Fraction
    colours: ColourTags
    preset: str
    crf: float
    threads: int
    max_rate: int | None = None

    def __post_init__(self) -> None:
        if self.size.width % 2 or self.size.height % 2:
            raise ValueError(f"H.264 needs an even width and height, got {self.size}")
        if self.preset not in PRESETS:
            raise ValueError(f"x264 has no preset {self.preset!r}; use {', '.join(PRESETS)}")
        if not 0 <= self.crf <= 51:
            raise ValueError(f"crf must be 0 to 51, got {self.crf}")
        if self.max_rate is not None and self.max_rate <= 0:
            raise ValueError(f"max_rate must be above 0 bits a second, got {self.max_rate}")

    @property
    def x264_options(self) -> dict[str, str]:
        """x264's options as FFmpeg names them."""
        options = {"preset": self.preset, "crf": str(self.crf), "rc-lookahead": str(LOOKAHEAD)}
        if self.max_rate is not None:
            options["maxrate"] = str(self.max_rate)
            options["bufsize"] = str(_BUFFER_SECONDS * self.max_rate)
        return options | _TUNING


class Mp4Writer:
    """Writes H.264 and copied sound to an MP4 whose index comes first (faststart).

    Args:
        path: The file that is written.
        name: The file's final path, which error messages name.
        video: Format of the pictures.
        sound: Track whose packets will be written; None for a silent file.

    Raises:
        OutputError: the file cannot be written; any method may raise it.

    """

    def __init__(
        self, path: Path, name: Path, video: VideoFormat, sound: AudioTrack | None
    ) -> None:
        self.name = name
        self._time_base = video.time_base
        self._durations: dict[int, int] = {}
        self._sound_end: int | None = None
        options = {"movflags": "+faststart"}
        if sound is not None:
            # The delay of the sound is stored in the movie's time scale, by default
            # milliseconds; with the sound's time base as scale it is exact.
            options["movie_timescale"] = str(sound.time_base.denominator)
        with self._writing():
            self._container = av.open(file_url(path), "w", format="mp4", container_options=options)
            self._video = self._add_video(video)
            self._audio = self._add_audio(sound) if sound else None
        self._canvas = av.VideoFrame(*video.size, "yuv420p")

    def _add_video(self, video: VideoFormat) -> av.VideoStream:
        stream = self._container.add_stream("libx264", rate=video.rate, options=video.x264_options)
        context = stream.codec_context
        context.width, context.height = video.size
        context.pix_fmt = "yuv420p"
        context.time_base = video.time_base
        context.thread_count = video.threads
        context.gop_size = max(1, round(_KEYFRAME_SECONDS * video.rate))
        context.sample_aspect_ratio = Fraction(1)
        context.color_range, context.color_primaries = video.colours.range, video.colours.primaries
        context.color_trc, context.colorspace = video.colours.transfer, video.colours.matrix
        return stream

    def _add_audio(self, sound: AudioTrack) -> AudioStream:
        return self._container.add_stream_from_template(sound.stream)

    def canvas(self) -> Planes:
        """Planes for drawing the next picture; their content is undefined."""
        self._canvas.make_writable()
        return Planes.of(self._canvas)

    def write_canvas(self, pts: int, duration: int) -> None:
        """Encode the canvas as the picture shown at ``pts`` for ``duration`` units."""
        self._canvas.pts, self._canvas.time_base = pts, self._time_base
        self._durations[pts] = duration
        self._encode(self._canvas)

    def write_sound(self, packet: AudioPacket, pts: int) -> None:
        """Store a packet at ``pts`` in its time base; skipped if not later than the last one."""
        if self._audio is None or (self._sound_end is not None and pts <= self._sound_end):
            return
        self._sound_end = pts
        copy = av.Packet(packet.data)
        copy.stream, copy.time_base = self._audio, packet.time_base
        copy.pts = copy.dts = pts
        copy.duration = packet.duration
        copy.is_keyframe = True
        with self._writing():
            self._container.mux(copy)

    def finish(self) -> None:
        """Flush the encoder and write the index."""
        self._encode(None)
        with self._writing():
            self._container.close()

    def discard(self) -> None:
        """Close a file that is not needed; no effect after :meth:`finish`."""
        with suppress(av.FFmpegError, OSError):
            self._container.close()

    def _encode(self, picture: av.VideoFrame | None) -> None:
        with self._writing():
            for packet in self._video.encode(picture):
                # x264 omits the duration; without it the last picture would last 0 s.
                if packet.pts is not None:
                    packet.duration = self._durations.pop(packet.pts)
                self._container.mux(packet)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except (av.FFmpegError, OSError) as error:
            reason = error.strerror or error
            raise OutputError(
                f"cannot write {self.name}: {reason}; choose another folder or free some space"
            ) from error
