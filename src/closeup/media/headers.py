"""What a file's headers say of its pictures, as far as formats can be relied on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from closeup.media.packet_log import PacketLog

_STORING_LENGTH = {"matroska", "avi", "flv", "asf", "nut"}
"""Demuxers of formats that store the length of the file; of others FFmpeg estimates it."""

_STORING_TRACKS = "mov"
"""Demuxer of the formats that store the length of each track, among them MP4."""

_SHORT = 0.5
"""Seconds by which a whole file may end before the length that it states for all streams."""

_LINES = {480, 486, 512, 576, 1080, 1088}
"""Heights of interlaced pictures."""

_ONE_FIELD = {0, 1}
"""FFmpeg's field orders of pictures that are progressive or not known to be interlaced."""

_PROGRESSIVE_CODECS = {"apng", "av1", "gif", "png", "vp8", "vp9", "webp"}


@dataclass(frozen=True, slots=True)
class Headers:
    """What a file states.

    Attributes:
        rate: Frames a second; None if not stated.
        track_end: End of the pictures in seconds, on the file's clock; None if not stated.
        file_end: End of all streams in seconds; None if not stated.
        may_have_fields: Whether the pictures may be interlaced.

    """

    rate: Fraction | None
    track_end: Fraction | None
    file_end: Fraction | None
    may_have_fields: bool

    @classmethod
    def of(cls, container: InputContainer, stream: VideoStream) -> Headers:
        """Read the headers of an open file, of which ``stream`` are the pictures."""
        context, demuxers = stream.codec_context, set(container.format.name.split(","))
        may_be_lined = context.codec.canonical_name not in _PROGRESSIVE_CODECS
        track_end = file_end = None
        if _STORING_TRACKS in demuxers and stream.duration and stream.time_base:
            track_end = ((stream.start_time or 0) + stream.duration) * stream.time_base
        elif demuxers & _STORING_LENGTH and container.duration:
            start = min(0, container.start_time or 0)
            file_end = Fraction(start + container.duration, av.time_base)
        return cls(
            rate=stream.average_rate or stream.guessed_rate,
            track_end=track_end,
            file_end=file_end,
            may_have_fields=context.field_order not in _ONE_FIELD
            or (may_be_lined and context.height in _LINES),
        )

    def shortfall(
        self, pictures: PacketLog, rate: Fraction, logs: Mapping[int, PacketLog]
    ) -> str | None:
        """Why the end of the pictures is missing; None if nothing is missing.

        Args:
            pictures: The packets of the stream of pictures.
            rate: Real frames a second.
            logs: The packets of all streams.

        """
        if self.track_end is not None:
            end, least = pictures.end, self.track_end - 1 / rate
            stated = self.track_end
        elif self.file_end is not None:
            end = max((log.end for log in logs.values() if log.end is not None), default=None)
            stated, least = self.file_end, self.file_end - Fraction(_SHORT)
        else:
            return None
        if end is None or end >= least:
            return None
        return f"the file states an end at {float(stated):.3f} s"
