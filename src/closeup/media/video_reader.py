"""Reading a video as a stream of frames with exact times."""

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
from closeup.timecode import Timecode

_FALLBACK_RATE = Fraction(25)
_SHORT_OF_FILES_END = Fraction(1, 2)
"""Seconds by which pictures may stop before the file's stated end, which may be the sound's."""


class VideoReader:
    """One video file; made by :func:`open_video`.

    Every pass opens the file anew, so passes do not disturb each other and a format
    without an index can always be read again from its start.

    Attributes:
        path: The file.
        size: Width and height as shown, rotation applied.
        time_base: Seconds per unit of every time stamp.
        rate: Average frames a second.
        start: Time of the first frame; not zero in many files.
        duration: Seconds of video that the file states, None where it states none.
        frame_estimate: Frames to expect, for progress bars only.
        has_audio: Whether there is sound.
        sample_aspect: Width over height of a pixel as shown.
        colours: What the numbers in the frames' planes mean.
        warnings: What was mended or skipped while reading, one line each.
        ended_early: Where and why the latest pass ended before the stated end, else None.

    """

    def __init__(self, path: Path) -> None:
        self.path = path
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
        # Once a stream: PyAV's side data refers back to its picture, and such a cycle of
        # megabytes would live until the garbage collector comes by.
        self._orientation = Orientation.of(picture)
        first = self._frame(picture, 0, self.start, Converter())
        self.size = first.size
        self.colours = first.colours
        self.sample_aspect = 1 / aspect if first.transposed else aspect
        # Not the stream's own count: FFmpeg reads absurd ones from some MP4 files.
        self.frame_estimate = None if self.duration is None else round(self.duration * self.rate)

    def frames(
        self,
        start: Timecode | None = None,
        end: Timecode | None = None,
        first_index: int = 0,
    ) -> Iterator[DecodedFrame]:
        """The frames with ``start <= time < end``, in the order they are shown.

        Args:
            start: On the stream's own clock; None for the first frame.
            end: None for the last frame.
            first_index: Number of the first frame that is given.

        Raises:
            VideoError: the file has gone or cannot be opened any more.

        """
        frames = self._frames(start, end, first_index)
        self._passes.add(frames)
        return frames

    def close(self) -> None:
        """End every pass that is still under way."""
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
        """Where and why reading stopped before the end that the file states."""
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


def open_video(path: Path | str) -> VideoReader:
    """Open a video for reading; use it as a context manager.

    Raises:
        VideoError: no such file, a folder, not a video, no video stream in it, or not one
            frame that can be decoded.

    """
    return VideoReader(Path(path))


def _stated_duration(container: InputContainer, stream: av.VideoStream) -> Fraction | None:
    if stream.duration and stream.time_base:
        return stream.duration * stream.time_base
    return Fraction(container.duration, av.time_base) if container.duration else None
