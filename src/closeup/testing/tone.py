"""Music of a generated tone, so that a scene has sound to keep in step."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RATE = 48_000
"""Samples a second."""

_NOTES = (220.0, 277.18, 329.63, 440.0, 329.63, 277.18, 246.94, 329.63)
"""An A major figure, in hertz."""

_NOTE = RATE // 4


def tone(first: int, count: int) -> NDArray[np.float32]:
    """The samples ``first`` to ``first + count``; mono, -1..1, shape (count,).

    Every sample depends on its place alone, so that any part can be made by itself.
    """
    sample = np.arange(first, first + count)
    note, since = sample // _NOTE, (sample % _NOTE) / RATE
    pitch = np.array(_NOTES)[note % len(_NOTES)]
    fade = np.exp(-6 * since) * np.minimum(since * 200, 1)
    sound = np.sin(2 * np.pi * pitch * since) + 0.3 * np.sin(4 * np.pi * pitch * since)
    return np.asarray(0.3 * fade * sound, np.float32)
