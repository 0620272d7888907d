"""The choice among the streams of a file: pictures that move, and the sound meant to be heard."""

from __future__ import annotations

from collections.abc import Mapping

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

_STILL = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image
_FOR_SOME = (
    Disposition.comment
    | Disposition.hearing_impaired
    | Disposition.visual_impaired
    | Disposition.descriptions
    | Disposition.dependent
)
"""Sound that only some listeners want, or that needs other sound."""


def video_streams(container: InputContainer, counts: Mapping[int, int]) -> list[VideoStream]:
    """The streams of moving pictures that FFmpeg has a decoder for, the best first.

    Covers and thumbnails are left out. Where one stream has several pictures, streams of a single
    picture are left out as well. The default stream comes first, then the largest.

    Args:
        container: The open file.
        counts: Number of packets of each stream, by the stream's index.

    """
    moving = [
        stream
        for stream in container.streams.video
        if stream.codec_context is not None and not stream.disposition & _STILL
    ]
    several = [stream for stream in moving if counts.get(stream.index, 0) > 1]
    return sorted(several or moving, key=_video_rank)


def audio_streams(container: InputContainer) -> list[AudioStream]:
    """The streams of sound, the best first.

    The default stream comes first; comments and sound for the hearing or visually impaired come
    last. Otherwise the order of the file is kept.
    """
    return sorted(
        container.streams.audio,
        key=lambda stream: (bool(stream.disposition & _FOR_SOME), _rank(stream)),
    )


def _video_rank(stream: VideoStream) -> tuple[bool, int]:
    context = stream.codec_context
    return _rank(stream), -context.width * context.height


def _rank(stream: Stream) -> bool:
    return not stream.disposition & Disposition.default
