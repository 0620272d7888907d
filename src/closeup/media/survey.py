"""One look through a whole file before it is read: its streams, clocks, rate and sizes.

The packets of all streams are read without decoding them, which takes little more than reading
the file. Headers alone do not suffice: many files state a wrong rate, size or length.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.container import InputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray

from closeup.errors import VideoError
from closeup.geometry import Size
from closeup.media.clocks import Clock, frame_rate, mend_clocks
from closeup.media.decoder_pass import PictureTrack, opened_before
from closeup.media.headers import Headers
from closeup.media.interlacing import Fields, fields_of
from closeup.media.packet_log import PacketLog, log_packets, sizes_at
from closeup.media.source import opened
from closeup.media.streams import audio_streams, video_streams
from closeup.timecode import Timecode

_LOOKS, _LOOK = 3, 16
"""Places of a video that are looked at for interlacing, and the number of pictures at each."""


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """What the packets of a file show.

    Attributes:
        pictures: The stream of pictures.
        sound: Index and clock of each stream of sound, the best first.
        rate: Frames a second, measured from the time stamps where the file states another rate.
        frames: Number of packets with pictures, for progress bars.
        end: End of the pictures on the mended clock, in units of the stream's time base; None if
            the file has no times.
        size: The largest size of the stored pictures.
        fields: How the lines of the pictures are to be read.
        shortfall: Why the end of the pictures is missing; None if nothing is missing.
        notes: What is mended, one line each, without the name of the file.

    """

    pictures: PictureTrack
    sound: tuple[tuple[int, Clock], ...]
    rate: Fraction
    frames: int
    end: int | None
    size: Size
    fields: Fields
    shortfall: str | None
    notes: tuple[str, ...]


def survey(path: Path) -> Survey:
    """Look through a video file; a file that has not changed since the last time is known.

    Raises:
        VideoError: the file is not a video, or none of its pictures can be decoded.

    """
    try:
        stat = path.stat()
    except OSError:
        return _look_through(path)  # opening it tells the reason
    return _known(path.absolute(), path, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=16)
def _known(_absolute: Path, path: Path, _size: int, _modified: int) -> Survey:
    return _look_through(path)


def _look_through(path: Path) -> Survey:
    with opened(path) as container:
        logs = log_packets(container)
        index, first, notes = _decodable(path, container, logs)
        sound = [stream.index for stream in audio_streams(container)]
        headers = Headers.of(container, cast("VideoStream", container.streams[index]))
    log = logs[index]
    clock, *others = mend_clocks([logs[i].decoding_times() for i in (index, *sound)])
    track = PictureTrack(index, clock, () if clock.is_right else tuple(log.keyframes(clock)))
    shown = log.shown(clock)
    fields = Fields.PROGRESSIVE
    if headers.may_have_fields:
        fields = fields_of(_looks(path, track, shown[:, 0], log.time_base))
    packets_a_frame = 1 if fields is Fields.PROGRESSIVE else 2
    rate = frame_rate(shown[:, 0], log.time_base, headers.rate, packets_a_frame)
    sizes = [first, *sizes_at(path, index, log.new_sizes)]
    return Survey(
        pictures=track,
        sound=tuple(zip(sound, others, strict=True)),
        rate=rate,
        frames=len(shown) or len(log),
        end=int(shown.sum(axis=1).max()) if len(shown) else None,
        size=max(sizes, key=lambda size: size.width * size.height),
        fields=fields,
        shortfall=headers.shortfall(log, rate, logs),
        notes=(*notes, *_joints(log, clock, shown[:, 0]), *_changes(sizes)),
    )


def _decodable(
    path: Path, container: InputContainer, logs: dict[int, PacketLog]
) -> tuple[int, Size, list[str]]:
    """The best stream of which a picture can be decoded, the picture's size, and notes."""
    counts = {index: len(log) for index, log in logs.items()}
    streams = [stream.index for stream in video_streams(container, counts)]
    if not streams:
        raise VideoError(
            f"{path} has no video stream that can be read; name a file with moving pictures"
        )
    for index in streams:
        for picture in _run(path, PictureTrack(index), None, 1):
            note = f"track {streams[0]} cannot be decoded; the pictures of track {index} are used"
            size = Size(picture.width, picture.height)
            return index, size, [] if index == streams[0] else [note]
    raise VideoError(f"{path}: no frame can be decoded; the file is damaged or cut off")


def _run(
    path: Path, track: PictureTrack, start: Timecode | None, count: int
) -> Iterator[av.VideoFrame]:
    with opened_before(path, track, start, threaded=False) as source:
        yield from islice(source.pictures(), count)


def _looks(
    path: Path, track: PictureTrack, times: NDArray[np.int64], time_base: Fraction
) -> Iterator[Iterator[av.VideoFrame]]:
    """Runs of consecutive pictures from several places of the video."""
    starts: list[Timecode | None] = [None]
    if len(times):
        places = np.sort(times)[[len(times) * i // _LOOKS for i in range(_LOOKS)]]
        starts = [Timecode(int(place), time_base) for place in places]
    for start in starts:
        yield _run(path, track, start, _LOOK)


def _joints(log: PacketLog, clock: Clock, times: NDArray[np.int64]) -> list[str]:
    """A note on the places where the clock jumps, in seconds from the first of all times."""
    if not clock.starts:
        return []
    joint = log.time(clock.starts[0], clock) or 0
    at = float((joint - int(times.min())) * log.time_base)
    count = len(clock.starts)
    places = f"at {at:.3f} s" if count == 1 else f"{count} times, first at {at:.3f} s"
    return [f"the clock jumps {places}; pictures and sound go on there without a gap"]


def _changes(sizes: list[Size]) -> list[str]:
    """A note on sizes that change."""
    if len(set(sizes)) < 2:
        return []
    largest = max(sizes, key=lambda size: size.width * size.height)
    return [f"the pictures change their size; all are shown in the largest, {largest}"]
