"""A filter that calms what rests and hardly delays what moves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class OneEuroFilter:
    """Low-pass filter whose cutoff rises with the speed of the signal.

    Casiez, Roussel and Vogel, "1 € filter: a simple speed-based low-pass filter for noisy input
    in interactive systems", CHI 2012. Each component is filtered by itself; steps of time may
    be of any length.

    Args:
        least_cutoff: Of a signal at rest, in hertz; lower is calmer.
        speed_cutoff: By how many hertz the cutoff rises for a speed of one unit a second;
            higher follows sooner.
        derivative_cutoff: Of the filter that the speed itself goes through, in hertz.

    Raises:
        ValueError: a cutoff is not positive, or ``speed_cutoff`` is negative.

    """

    def __init__(
        self, least_cutoff: float, speed_cutoff: float, derivative_cutoff: float = 1.0
    ) -> None:
        if least_cutoff <= 0 or derivative_cutoff <= 0 or speed_cutoff < 0:
            raise ValueError("cutoffs must be above 0, and not fall with the speed")
        self._least_cutoff = least_cutoff
        self._speed_cutoff = speed_cutoff
        self._derivative_cutoff = derivative_cutoff
        self._last: tuple[float, NDArray[np.float64]] | None = None
        self._speed = np.zeros(())

    def filtered(self, value: NDArray[np.floating], seconds: float) -> NDArray[np.float64]:
        """The next value, smoothed; the first one is left as it is.

        Args:
            value: Of the same shape each time, finite.
            seconds: When it was measured; later than the one before.

        Raises:
            ValueError: time stands still or goes back.

        """
        new = np.asarray(value, np.float64)
        if self._last is None:
            self._speed, smooth = np.zeros_like(new), new
        else:
            before, last = self._last
            step = seconds - before
            if step <= 0:
                raise ValueError(f"{seconds} s is not after {before} s")
            share = _share(np.asarray(self._derivative_cutoff), step)
            self._speed = self._speed + share * ((new - last) / step - self._speed)
            cutoff = self._least_cutoff + self._speed_cutoff * np.abs(self._speed)
            smooth = last + _share(cutoff, step) * (new - last)
        self._last = seconds, smooth
        return smooth.copy()


def _share(cutoff: NDArray[np.float64], step: float) -> NDArray[np.float64]:
    """What a new value counts in exponential smoothing with such a cutoff."""
    turn = 2 * np.pi * cutoff * step
    return turn / (turn + 1)
