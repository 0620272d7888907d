"""Encodes the drawn pictures of a video with its time stamps and sound."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
from av.video.reformatter import ColorRange

from closeup.fancam.rendering.render import CRF, PRESET
from closeup.fancam.rendering.timed_frames import SoundFeed
from closeup.files.atomic import replacing
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.media.audio_track import opened_audio
from closeup.media.colours import BT709, MATRIX_BT709, ColourTags
from closeup.media.decoded_frame import Converter
from closeup.media.mp4_writer import Mp4Writer, VideoFormat
from closeup.media.planes import Planes
from closeup.media.video_reader import VideoReader
from closeup.progress import Progress


@dataclass(frozen=True, slots=True)
class PictureClock:
    """The times of the pictures of a video.

    Attributes:
        unit: Seconds per unit of the time stamps.
        start: Time of the first picture in seconds; it is 0 in the file.
        rate: Average pictures a second.

    """

    unit: Fraction
    start: Fraction
    rate: Fraction


class DrawnVideo:
    """Encodes drawn pictures; made by :func:`drawn_video` and :func:`recorded_video`.

    A picture is shown until the next one; the last is shown as long as the one before it.
    """

    def __init__(
        self, writer: Mp4Writer, clock: PictureClock, feed: SoundFeed | None = None
    ) -> None:
        self._writer = writer
        self._clock = clock
        self._feed = feed
        self._converter = Converter()
        self._waiting: tuple[Fraction, av.VideoFrame] | None = None
        self._duration = 1 / clock.rate

    def prepared(self, image: RGBImage) -> av.VideoFrame:
        """Convert a picture of the source's size for the encoder; any thread may call this."""
        frame = av.VideoFrame.from_ndarray(_even(image), "rgb24")
        return self._converter.convert(frame, Size(frame.width, frame.height), "yuv420p")

    def write(self, seconds: Fraction, picture: av.VideoFrame) -> None:
        """Encode the next prepared picture, which the source shows at ``seconds``.

        Raises:
            OutputError: the file cannot be written.

        """
        if self._waiting:
            self._duration = seconds - self._waiting[0]
            self._encode(*self._waiting)
        self._waiting = seconds, picture

    def finish(self) -> None:
        """Write the pending picture and the file's index.

        Raises:
            OutputError: the file cannot be written.

        """
        if self._waiting:
            self._encode(*self._waiting)
        self._writer.finish()

    def _encode(self, seconds: Fraction, picture: av.VideoFrame) -> None:
        unit, start = self._clock.unit, self._clock.start
        for target, plane in zip(self._writer.canvas(), Planes.of(picture), strict=True):
            target[:] = plane
        duration = max(1, round(self._duration / unit))
        self._writer.write_canvas(round((seconds - start) / unit), duration)
        for packet in self._feed.until(seconds + self._duration) if self._feed else ():
            self._writer.write_sound(packet, packet.pts - round(start / packet.time_base))


@contextmanager
def drawn_video(target: Path, source: VideoReader, progress: Progress) -> Iterator[DrawnVideo]:
    """Begin an MP4 (H.264, faststart) that appears when the block succeeds.

    Args:
        target: The file.
        source: The video whose pictures are drawn on.
        progress: Receives a message if the sound cannot be kept.

    Raises:
        OutputError: the file cannot be written.

    """
    with opened_audio(source.path, progress) as sound, replacing(target) as temporary:
        writer = Mp4Writer(
            temporary,
            target,
            _format(source.size, source.time_base, source.rate, source.colours),
            sound,
        )
        packets = sound.packets(source.start.seconds) if sound else iter(())
        try:
            clock = PictureClock(source.time_base, source.start.seconds, source.rate)
            video = DrawnVideo(writer, clock, SoundFeed(packets))
            yield video
            video.finish()
        finally:
            writer.discard()


_MICROSECOND = Fraction(1, 1_000_000)


@contextmanager
def recorded_video(target: Path, size: Size, rate: Fraction) -> Iterator[DrawnVideo]:
    """Begin an MP4 of a camera's pictures, without sound; it appears when the block succeeds.

    Args:
        target: The file.
        size: Size of the pictures in pixels.
        rate: Expected pictures a second; each is written at its own time.

    Raises:
        OutputError: the file cannot be written.

    """
    with replacing(target) as temporary:
        writer = Mp4Writer(temporary, target, _format(size, _MICROSECOND, rate, BT709), None)
        try:
            video = DrawnVideo(writer, PictureClock(_MICROSECOND, Fraction(0), rate))
            yield video
            video.finish()
        finally:
            writer.discard()


def _format(size: Size, unit: Fraction, rate: Fraction, colours: ColourTags) -> VideoFormat:
    width, height = size
    return VideoFormat(
        size=Size(width + width % 2, height + height % 2),
        time_base=unit,
        rate=rate,
        # Drawing goes through RGB: range and matrix are new, the primaries stay the same.
        colours=colours._replace(range=ColorRange.MPEG, matrix=MATRIX_BT709),
        preset=PRESET,
        crf=CRF,
        threads=0,
    )


def _even(image: RGBImage) -> RGBImage:
    """Repeat the last row or column of an odd size: H.264 stores even sizes only."""
    height, width = image.shape[:2]
    if height % 2 or width % 2:
        return cv2.copyMakeBorder(image, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)  # type: ignore[return-value]
    return image
