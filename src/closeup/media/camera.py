"""A camera as a source of frames."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
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
        device: Number of the camera, from 0; or the path of a video file, whose frames come at its
            own rate as from a camera, or the address of a stream that FFmpeg can open.
        rotate: Rotation of all pictures in degrees clockwise: 0, 90, 180 or 270.

    Raises:
        ValueError: ``rotate`` is another number.
        VideoError: there is no such camera, or it is in use.

    """

    def __init__(self, device: int | str | Path = 0, rotate: int = 0) -> None:
        self.device = device
        self.rotate = checked_rotation(rotate)
        with _quiet():
            self._capture = cv2.VideoCapture(device if isinstance(device, int) else str(device))
        self._pause = self._frame_time()
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
            if (wait := index * self._pause - (now - start) / 1e6) > 0:
                time.sleep(wait)
                now = time.monotonic_ns() // 1000
            rgb = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)
            turned = rotate_image(rgb, self.rotate)
            yield ArrayFrame(index, Timecode(now - start, _MICROSECOND), turned)
            index += 1

    def _frame_time(self) -> float:
        """Seconds a frame of a video file; 0 for a camera, which waits by itself."""
        if isinstance(self.device, int) or not Path(self.device).is_file():
            return 0.0
        rate = float(self._capture.get(cv2.CAP_PROP_FPS))
        return 1 / rate if rate > 0 else 0.0

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


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence OpenCV, which logs every backend that cannot open a camera."""
    before = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(0)
    try:
        yield
    finally:
        cv2.utils.logging.setLogLevel(before)
