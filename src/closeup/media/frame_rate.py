"""The real frame rate of a video: what files state is often a time base, or zero."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

_SAME_RATE = 0.02
"""Relative difference up to which the stated rate is taken for the measured one."""

_RUN = 16
"""Distance in frames over which the rate is measured, since the times of single frames jitter."""

_STEADY = 0.1
"""Relative difference from the median duration of runs up to which a run has the usual rate."""

USUAL_RATE = Fraction(25)
"""Rate of a file that states neither a rate nor times."""


def frame_rate(
    times: NDArray[np.int64], time_base: Fraction, stated: Fraction | None, packets_a_frame: int = 1
) -> Fraction:
    """Frames a second of a video.

    The stated rate is kept where it agrees with the times. Otherwise it is measured over runs of
    16 frames whose duration is about the median one: breaks and long stills do not count.

    Args:
        times: (n,) presentation times of the packets in units of ``time_base``, in any order.
        time_base: Seconds per unit.
        stated: The rate in the file's header; None if it states none.
        packets_a_frame: 2 if each frame may be stored as two packets, one a field; else 1.

    """
    ordered = np.unique(times)
    if len(ordered) < 2:
        return stated or USUAL_RATE
    measured = _measured(ordered) / time_base
    if stated:
        for parts in range(1, packets_a_frame + 1):
            if abs(stated * parts / measured - 1) <= _SAME_RATE:
                return stated
    return measured.limit_denominator(1001)


def _measured(times: NDArray[np.int64]) -> Fraction:
    """Frames a unit of time; ``times`` increase."""
    run = min(_RUN, len(times) - 1)
    durations = times[run:] - times[:-run]
    usual = float(np.median(durations))
    steady = durations[np.abs(durations - usual) <= _STEADY * usual]
    return Fraction(run * len(steady), int(steady.sum()))
