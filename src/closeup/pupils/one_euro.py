"""The 1 € filter: strong smoothing at rest, little delay in motion."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class OneEuroFilter:
    """Low-pass filter whose cutoff rises with the speed of the signal.

    Casiez, Roussel and Vogel, "1 € filter: a simple speed-based low-pass filter for noisy input
    in interactive systems", CHI 2012. Each component is filtered separately; time steps may
    have any length.

    Args:
        least_cutoff: Cutoff for a signal at rest, in hertz; lower values smooth more.
        speed_cutoff: Increase of the cutoff in hertz per speed of one unit per second; higher
            values reduce the delay.
        derivative_cutoff: Cutoff of the filter of the speed itself, in hertz.

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

    def filtered(
        self,
        value: NDArray[np.floating],
        seconds: float,
        scale: float = 1.0,
        carried: NDArray[np.floating] | None = None,
    ) -> NDArray[np.float64]:
        """The next value, smoothed; the first one is unchanged.

        Args:
            value: The measured value, finite, of the same shape in each call.
            seconds: Time of the measurement, later than the previous one.
            scale: Size of the object whose position is measured, in units of the value; the speed
                is divided by it, so that the delay does not depend on the size.
            carried: Where the last result is now by another measurement of the motion, such as
                optical flow; only what differs from it is smoothed. None without one.

        Raises:
            ValueError: ``seconds`` is not later than the previous time.

        """
        new = np.asarray(value, np.float64)
        if self._last is None:
            self._speed, smooth = np.zeros_like(new), new
        else:
            before, last = self._last
            last = last if carried is None else np.asarray(carried, np.float64)
            step = seconds - before
            if step <= 0:
                raise ValueError(f"{seconds} s is not after {before} s")
            share = _share(np.asarray(self._derivative_cutoff), step)
            self._speed = self._speed + share * ((new - last) / step - self._speed)
            cutoff = self._least_cutoff + self._speed_cutoff * np.abs(self._speed) / scale
            smooth = last + _share(cutoff, step) * (new - last)
        self._last = seconds, smooth
        return smooth.copy()


def _share(cutoff: NDArray[np.float64], step: float) -> NDArray[np.float64]:
    """Weight of a new value in exponential smoothing with this cutoff."""
    turn = 2 * np.pi * cutoff * step
    return turn / (turn + 1)
