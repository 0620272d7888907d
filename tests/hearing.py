"""Listening to the rising tone of :mod:`tests.filming`."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from tests.filming import tone_at

_ROUNDING = 0.005 * 48_000
"""Samples by which a frame may be off: containers round times to milliseconds."""


def heard(path: Path) -> tuple[float, NDArray[np.float64]]:
    """When the sound begins, and its samples at 48 kHz, gaps filled with silence."""
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("flt", "mono", 48_000)
        decoded = [f for frame in container.decode(audio=0) for f in resampler.resample(frame)]
    begin = decoded[0].time
    assert begin is not None
    samples = np.zeros(round(((decoded[-1].time or 0) - begin) * 48_000) + 48_000)
    end = 0
    for frame in decoded:
        first, piece = round(((frame.time or 0) - begin) * 48_000), frame.to_ndarray()[0]
        first = end if abs(first - end) < _ROUNDING else first
        end = max(end, first + len(piece))
        samples[first : first + len(piece)] = piece[: max(0, len(samples) - first)]
    return begin, samples[:end]


def delay(samples: NDArray[np.float64], start: float, expected_at: float, at: float = 0.5) -> float:
    """Seconds by which the sound is late, ``at`` seconds after its start.

    Args:
        samples: From :func:`heard`, as ``start``.
        start: When the sound begins in its file.
        expected_at: Time in the rising tone at which the file begins.
        at: Place that is compared; a tenth of a second is.

    """
    first = int(at * 48_000)
    piece = samples[first : first + 4800]
    times = np.arange(len(piece)) / 48_000 + expected_at + at + start
    lags = np.arange(-2000, 2001) / 48_000
    likeness = [float(np.dot(piece, tone_at(times - lag))) for lag in lags[::5]]
    return float(lags[::5][int(np.argmax(likeness))])
