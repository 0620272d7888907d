"""Frames of a video by number: their times from one pass over the packets, and exact seeking."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from threading import Lock

import numpy as np

from closeup.errors import ImageError, VideoError
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.media.decoded_frame import DecodedFrame
from closeup.media.interlacing import Fields
from closeup.media.packet_log import log_packets
from closeup.media.source import opened
from closeup.media.survey import survey
from closeup.media.video_reader import VideoReader, open_video
from closeup.timecode import Timecode

_KEPT = 32
"""Frames that stay decoded, for steps back and for several crops of one frame."""
_AHEAD = 48
"""Frames up to which decoding goes on instead of seeking."""


def frame_times(video: VideoReader) -> list[int]:
    """Presentation times of all frames, increasing, in units of the video's time base.

    They are those of the packets, which are read without decoding them; only an interlaced video,
    where a frame may have two packets, is decoded.

    Raises:
        VideoError: the file no longer exists.

    """
    found = survey(video.path)
    if found.fields is not Fields.PROGRESSIVE:
        return [frame.timecode.pts for frame in video.frames()]
    with opened(video.path) as container:
        log = log_packets(container)[found.pictures.index]
    times = np.unique(log.shown(found.pictures.clock)[:, 0])
    # What comes before the first picture that can be decoded is never shown.
    return [int(time) for time in times if time >= video.start.pts] or [video.start.pts]


class NumberedFrames:
    """Reads any frame of a video by its number; any thread may call it.

    The frames read last stay in memory, and a frame soon after the one before is decoded without
    seeking.

    Args:
        path: The video.

    Raises:
        VideoError: the file is not a video that can be read.

    """

    def __init__(self, path: Path) -> None:
        self._video = open_video(path)
        self._times = frame_times(self._video)
        self._numbers = {time: number for number, time in enumerate(self._times)}
        self._kept: OrderedDict[int, RGBImage] = OrderedDict()
        self._pass: Iterator[DecodedFrame] = iter(())
        self._next: int | None = None
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._times)

    @property
    def size(self) -> Size:
        """Width and height of every frame in pixels, as shown."""
        return self._video.size

    def read(self, number: int) -> RGBImage:
        """A frame; RGB uint8 of shape (H, W, 3).

        Args:
            number: Its number from 0, in the order in which frames are shown.

        Raises:
            ImageError: there is no such frame, it is damaged, or the file is gone.

        """
        if not 0 <= number < len(self):
            raise ImageError(
                f"{self._video.path} has no frame {number}, it has {len(self)}; is it another "
                "video than before?",
                "missing",
            )
        with self._lock:
            if number not in self._kept:
                self._keep(number, self._decoded(number))
            self._kept.move_to_end(number)
            return self._kept[number]

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._pass = iter(())
            self._video.close()

    def _decoded(self, number: int) -> RGBImage:
        try:
            if self._next is None or not 0 <= number - self._next <= _AHEAD:
                self._video.close()
                start = Timecode(self._times[number], self._video.time_base)
                self._pass = self._video.frames(start)
            for frame in self._pass:
                found = self._numbers.get(frame.timecode.pts, -1)
                self._next = found + 1
                if found == number:
                    return frame.rgb()
                if found > number:
                    break
        except VideoError as error:
            raise ImageError(str(error), "missing") from None
        self._next = None
        raise ImageError(
            f"{self._video.path}: frame {number} cannot be decoded; leave it out", "damaged"
        )

    def _keep(self, number: int, image: RGBImage) -> None:
        self._kept[number] = image
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
