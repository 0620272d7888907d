"""A camera as a source of frames."""

from __future__ import annotations

import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2
import numpy as np

from closeup.errors import VideoError
from closeup.frames import ArrayFrame
from closeup.media.orientation import rotate_image
from closeup.rotation import checked_rotation
from closeup.timecode import Timecode

_MICROSECOND = Fraction(1, 1_000_000)


class Camera:
    """The frames of a camera, each with the time at which it was taken.

    Iteration gives frames until the camera ends or :meth:`close` is called; a camera can be
    iterated once. As a context manager it closes the camera.

    Args:
        device: Number of the camera, from 0; or the path of a video file or the address of a
            stream that FFmpeg can open, which is then read like a camera.
        rotate: Rotation of all pictures in degrees clockwise: 0, 90, 180 or 270.

    Raises:
        ValueError: ``rotate`` is another number.
        VideoError: there is no such camera, or it is in use.

    """

    def __init__(self, device: int | str | Path = 0, rotate: int = 0) -> None:
        self.device = device
        self.rotate = checked_rotation(rotate)
        self._capture = cv2.VideoCapture(device if isinstance(device, int) else str(device))
        if not self._capture.isOpened():
            raise VideoError(
                f"camera {device} cannot be opened; check that it is connected and that no other "
                "program uses it"
            )

    def __iter__(self) -> Iterator[ArrayFrame]:
        """The frames in RGB; their time is in seconds since the first one."""
        start: int | None = None
        index = 0
        while self._capture.isOpened():
            taken, image = self._capture.read()
            if not taken:
                return
            now = time.monotonic_ns() // 1000
            start = now if start is None else start
            rgb = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)
            turned = rotate_image(rgb, self.rotate)
            yield ArrayFrame(index, Timecode(now - start, _MICROSECOND), turned)
            index += 1

    def close(self) -> None:
        """Release the camera; iteration ends."""
        self._capture.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
