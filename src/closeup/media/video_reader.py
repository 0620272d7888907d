"""Reading a video as an iterator of frames with exact times."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self
from weakref import WeakSet

from av.video.stream import VideoStream

from closeup.media.colours import BT709, ColourTags
from closeup.media.decoded_frame import Converter, DecodedFrame
from closeup.media.decoder_pass import Stamper, opened_before
from closeup.media.normalisation import PictureForm, normalised, shown_size
from closeup.media.orientation import Orientation
from closeup.media.survey import survey
from closeup.rotation import checked_rotation
from closeup.timecode import Timecode

_PIXEL_ASPECTS = (Fraction(1, 4), Fraction(4))
"""Smallest and largest width over height of a stored pixel; a file that states another is wrong."""


class VideoReader:
    """One video file; see :func:`open_video`.

    Every pass opens the file again, so passes are independent of each other, and formats
    without an index can be read again from their start. All frames have one size and square
    pixels, are progressive, and have a standard dynamic range; see
    :mod:`closeup.media.normalisation`. Their times are those of the file, mended where its clock
    jumps; see :mod:`closeup.media.clocks`.

    Attributes:
        path: The file.
        rotate: Rotation in degrees clockwise that is added to the file's own.
        size: Width and height in pixels as shown, after rotation.
        time_base: Seconds per unit of every time stamp.
        rate: Frames a second, measured from the time stamps where the file states another rate.
        start: Time of the first frame; in many files it is not zero.
        duration: Seconds from the first frame to the end of the last one.
        frame_estimate: Expected number of frames, for progress bars only.
        has_audio: Whether there is sound.
        colours: Colour tags of the frames' planes.
        warnings: Repaired or skipped parts, one line each.
        ended_early: Where and why the latest pass ended before the stated end; None if it did not.

    """

    def __init__(self, path: Path, rotate: int = 0) -> None:
        self.path = path
        self.rotate = checked_rotation(rotate)
        self.ended_early: str | None = None
        self._passes: WeakSet[Generator[DecodedFrame]] = WeakSet()
        self._survey = found = survey(path)
        with opened_before(path, found.pictures, threaded=False) as source:
            picture, stream = next(source.pictures()), source.stream
            self.time_base: Fraction = stream.time_base or 1 / found.rate
            aspect = _pixel_aspect(stream)
        self.rate, self.frame_estimate = found.rate, found.frames
        self.has_audio = bool(found.sound)
        self._step = max(1, round(1 / found.rate / self.time_base))
        self.start = Timecode(Stamper(self._step).stamp(picture), self.time_base)
        end = self.start.pts + found.frames * self._step if found.end is None else found.end
        self.duration = (end - self.start.pts) * self.time_base
        tags = ColourTags.of(picture)
        self.colours = BT709 if tags.high_dynamic_range else tags
        size = shown_size(*found.size, aspect)
        self._form = PictureForm(size, aspect, found.fields, self.colours.matrix)
        # Read once per stream: PyAV's side data refers back to its picture, and such a cycle
        # would keep megabytes until the garbage collector runs.
        self._orientation = Orientation.of(picture).rotated(rotate)
        self.size = self._orientation.size(size)
        self.warnings = [f"{path}: {note}" for note in found.notes]
        if tags.high_dynamic_range:
            self.warnings.append(f"{path}: its high dynamic range is mapped to BT.709 (SDR)")

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
        last = self.start
        with opened_before(self.path, self._survey.pictures, start) as source:
            for picture in normalised(source.pictures(), self._form):
                last = Timecode(stamper.stamp(picture), self.time_base)
                if end is not None and last >= end:
                    break
                if start is None or last >= start:
                    duration = picture.duration or self._step
                    yield DecodedFrame(picture, index, last, duration, self._orientation, converter)
                    index += 1
            else:
                self.ended_early = self._missing_end(last, source.failure)
        self._warn(source.damaged, "damaged packets were skipped")
        self._warn(stamper.mended, "frames had no usable time; it was counted on from the rate")

    def _missing_end(self, last: Timecode, failure: str | None) -> str | None:
        """Where and why reading stopped before the end of the video; None if it did not."""
        reason = failure or self._survey.shortfall
        return f"{self.path} ends early, at {float(last):.3f} s: {reason}" if reason else None

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


def _pixel_aspect(stream: VideoStream) -> Fraction:
    """Width over height of a stored pixel; 1 where the file states none, or an absurd one."""
    aspect = stream.sample_aspect_ratio or Fraction(1)
    least, most = _PIXEL_ASPECTS
    return aspect if least <= aspect <= most else Fraction(1)
