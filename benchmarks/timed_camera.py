"""Frames in the place of a camera's, which arrive by the clock, and how long each one waits."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from closeup.background import latest
from closeup.frames import ArrayFrame, RGBImage
from closeup.pipeline.effects.camera import CameraEffects
from closeup.timecode import Timecode

_MICROSECOND = Fraction(1, 1_000_000)


class TimedCamera:
    """Gives pictures at a fixed rate, and keeps when each one arrived, was taken and was drawn.

    Args:
        pictures: The pictures, which are repeated.
        rate: Pictures a second.
        count: Number of frames.

    """

    def __init__(self, pictures: Sequence[RGBImage], rate: int, count: int) -> None:
        self._pictures, self._rate, self._count = pictures, rate, count
        self._arrived: dict[int, float] = {}
        self._taken: dict[int, float] = {}
        self._drawn: dict[int, float] = {}

    def run(self, effects: CameraEffects) -> NDArray[np.float64]:
        """Draw the newest frame each time, as ``closeup camera`` does.

        Returns:
            (n, 2) seconds for which each drawn frame waited, and in which it was drawn; without
            the first one, for which the networks are prepared.

        """
        for shown in effects.drawn(self._newest()):
            self._drawn[shown.frame.index] = time.perf_counter()
        every = sorted(self._drawn)[1:]
        times = [[own[n] for n in every] for own in (self._arrived, self._taken, self._drawn)]
        return np.diff(np.array(times), axis=0).T

    def _newest(self) -> Iterator[ArrayFrame]:
        for frame in latest(self._arriving()):
            self._taken[frame.index] = time.perf_counter()
            yield frame

    def _arriving(self) -> Iterator[ArrayFrame]:
        start = time.perf_counter()
        for number in range(self._count):
            time.sleep(max(0.0, start + number / self._rate - time.perf_counter()))
            now = self._arrived[number] = time.perf_counter()
            at = Timecode(round((now - start) / _MICROSECOND), _MICROSECOND)
            yield ArrayFrame(number, at, self._pictures[number % len(self._pictures)])
