"""The frames of the stage video with their durations and their sound."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import chain, pairwise
from typing import NamedTuple

from closeup.media.audio_track import AudioPacket, AudioTrack
from closeup.media.decoded_frame import DecodedFrame


class TimedFrame(NamedTuple):
    """One frame of the stage with its duration and its sound.

    Attributes:
        frame: The picture; its planes are converted already, so that threads can share them.
        duration: Time until the next frame, in units of the frame's time base.
        sound: Packets that begin while it is shown; for the first frame also the packet
            that began before it and still lasts.

    """

    frame: DecodedFrame
    duration: int
    sound: list[AudioPacket]


def timed_frames(frames: Iterable[DecodedFrame], sound: AudioTrack | None) -> Iterator[TimedFrame]:
    """Join every frame with its duration and its sound."""
    following: Iterable[DecodedFrame | None] = chain(frames, [None])
    feed: SoundFeed | None = None
    for frame, after in pairwise(following):
        if frame is None:
            return
        if feed is None:
            feed = SoundFeed(sound.packets(frame.timecode.seconds) if sound else iter(()))
        end = frame.timecode.pts + frame.duration if after is None else after.timecode.pts
        _ = frame.planes
        packets = feed.until(end * frame.timecode.time_base)
        yield TimedFrame(frame, end - frame.timecode.pts, packets)


class SoundFeed:
    """Returns sound packets in step with the frames.

    Args:
        packets: Packets in the order of their times.

    """

    def __init__(self, packets: Iterator[AudioPacket]) -> None:
        self._packets = packets
        self._next = next(packets, None)

    def until(self, seconds: Fraction) -> list[AudioPacket]:
        """The packets not returned before that begin before ``seconds``."""
        taken = []
        while self._next is not None and self._next.seconds < seconds:
            taken.append(self._next)
            self._next = next(self._packets, None)
        return taken
