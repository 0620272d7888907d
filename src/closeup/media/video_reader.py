"""Reading a video as an iterator of frames with exact times."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self
from weakref import WeakSet

import av
from av.container import InputContainer

from closeup.errors import VideoError
from closeup.geometry import Size
from closeup.media.decoded_frame import Converter, DecodedFrame
from closeup.media.orientation import Orientation
from closeup.media.source import Stamper, opened_before
from closeup.rotation import checked_rotation
from closeup.timecode import Timecode

_FALLBACK_RATE = Fraction(25)
_SHORT_OF_FILES_END = Fraction(1, 2)
"""Tolerance in seconds of the end of a file that states none for its video stream: the stated end
may be that of the sound."""


class VideoReader:
    """One video file; see :func:`open_video`.

    Every pass opens the file again, so passes are independent of each other, and formats
    without an index can be read again from their start.

    Attributes:
        path: The file.
        rotate: Rotation in degrees clockwise that is added to the file's own.
        size: Width and height in pixels as shown, after rotation.
        time_base: Seconds per unit of every time stamp.
        rate: Average frames a second.
        start: Time of the first frame; in many files it is not zero.
        duration: Stated duration of the video in seconds; None if the file states none.
        frame_estimate: Expected number of frames, for progress bars only; None if unknown.
        has_audio: Whether there is sound.
        sample_aspect: Width over height of a pixel as shown.
        colours: Colour tags of the frames' planes.
        warnings: Repaired or skipped parts, one line each.
        ended_early: Where and why the latest pass ended before the stated end; None if it did not.

    """

    def __init__(self, path: Path, rotate: int = 0) -> None:
        self.path = path
        self.rotate = checked_rotation(rotate)
        self.warnings: list[str] = []
        self.ended_early: str | None = None
        self._passes: WeakSet[Generator[DecodedFrame]] = WeakSet()
        with opened_before(path, None) as source:
            stream = source.stream
            self.rate: Fraction = stream.average_rate or stream.guessed_rate or _FALLBACK_RATE
            self.time_base: Fraction = stream.time_base or 1 / self.rate
            self.duration = _stated_duration(source.container, stream)
            self._slack = 1 / self.rate if stream.duration else _SHORT_OF_FILES_END
            self.has_audio = bool(source.container.streams.audio)
            picture = next(source.pictures(), None)
            aspect = stream.sample_aspect_ratio or Fraction(1)
        if picture is None:
            raise VideoError(f"{path}: no frame can be decoded; the file is damaged or cut off")
        self._step = max(1, round(1 / self.rate / self.time_base))
        self._stored_size = Size(picture.width, picture.height)
        self.start = Timecode(Stamper(self._step).stamp(picture), self.time_base)
        # Read once per stream: PyAV's side data refers back to its picture, and such a cycle
        # would keep megabytes until the garbage collector runs.
        self._orientation = Orientation.of(picture).rotated(rotate)
        first = self._frame(picture, 0, self.start, Converter())
        self.size = first.size
        self.colours = first.colours
        self.sample_aspect = 1 / aspect if first.transposed else aspect
        # The stream's own count is not used: FFmpeg reads absurd values from some MP4 files.
        self.frame_estimate = None if self.duration is None else round(self.duration * self.rate)

    def frames(
        self,
        start: Timecode | None = None,
        end: Timecode | None = None,
        first_index: int = 0,
    ) -> Iterator[DecodedFrame]:
        """The frames with ``start <= time < end``, in presentation order.

        Args:
            start: First time on the stream's clock; None for the first frame.
            end: Time to stop before, on the same clock; None to read up to the last frame.
            first_index: ``index`` of the first frame.

        Raises:
            VideoError: the file no longer exists or cannot be opened any more.

        """
        frames = self._frames(start, end, first_index)
        self._passes.add(frames)
        return frames

    def __iter__(self) -> Iterator[DecodedFrame]:
        """All frames, as :meth:`frames` gives them; each iteration reads from the beginning."""
        return self.frames()

    def close(self) -> None:
        """End every pass that is still running."""
        for frames in self._passes:
            frames.close()
        self._passes.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _frames(
        self, start: Timecode | None, end: Timecode | None, first_index: int
    ) -> Generator[DecodedFrame]:
        self.ended_early = None
        stamper, converter, index = Stamper(self._step), Converter(), first_index
        last, duration = self.start, 0
        with opened_before(self.path, start) as source:
            for picture in source.pictures():
                last = Timecode(stamper.stamp(picture), self.time_base)
                duration = picture.duration or self._step
                if end is not None and last >= end:
                    break
                if start is None or last >= start:
                    yield self._frame(picture, index, last, converter)
                    index += 1
            else:
                self.ended_early = self._missing_end(last, duration, source.failure)
        self._warn(source.damaged, "damaged packets were skipped")
        self._warn(stamper.mended, "frames had no usable time; it was counted on from the rate")

    def _frame(
        self, picture: av.VideoFrame, index: int, timecode: Timecode, converter: Converter
    ) -> DecodedFrame:
        if (picture.width, picture.height) != self._stored_size:
            picture = converter.convert(picture, self._stored_size, picture.format.name)
        duration = picture.duration or self._step
        return DecodedFrame(picture, index, timecode, duration, self._orientation, converter)

    def _missing_end(self, last: Timecode, duration: int, failure: str | None) -> str | None:
        """Where and why reading stopped before the stated end; None if it did not."""
        if failure is None:
            if self.duration is None:
                return None
            stated = self.start.seconds + self.duration
            if last.seconds + duration * self.time_base >= stated - self._slack:
                return None
            failure = f"the file states an end at {float(stated):.3f} s"
        return f"{self.path} ends early, at {float(last):.3f} s: {failure}"

    def _warn(self, count: int, what: str) -> None:
        warning = f"{self.path}: {count} {what}"
        if count and warning not in self.warnings:
            self.warnings.append(warning)


def open_video(path: Path | str, rotate: int = 0) -> VideoReader:
    """Open a video for reading; use it as a context manager.

    Args:
        path: The file.
        rotate: Rotation of all pictures in degrees clockwise: 0, 90, 180 or 270. It is added to
            the rotation that the file states.

    Raises:
        ValueError: ``rotate`` is another number.
        VideoError: there is no such file, or it is a folder, not a video, without a video
            stream, or without a frame that can be decoded.

    """
    return VideoReader(Path(path), rotate)


def _stated_duration(container: InputContainer, stream: av.VideoStream) -> Fraction | None:
    if stream.duration and stream.time_base:
        return stream.duration * stream.time_base
    return Fraction(container.duration, av.time_base) if container.duration else None
