"""Conversion of pixels of any number type to 8 bits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_FROM_SIXTEEN = (np.arange(65536) * (255 / 65535)).round().astype(np.uint8)
"""Lookup table from 16 to 8 bits; it avoids temporary float arrays of the picture's size."""

_OVERSHOOT = 16.0
"""Largest value of floats whose white is 1: filters and highlights exceed white a little. Floats
that go to 255 have larger values, unless the picture is almost black."""

_SIGNED = 0.1
"""Negative values beyond this share of the largest one are no overshoots: zero is mid grey."""


def eight_bits(samples: NDArray[Any], bits: int) -> NDArray[np.uint8]:
    """Scale samples of any number type to 0 to 255.

    White is the largest number of the type. Integers of 32 bits are taken as 16-bit values where no
    larger one occurs, since some programs store 16 bits in 32. Negative integers are black.

    The white of floats is 1 where the largest value is below 16, 255 where it is below 256, else
    the largest value. Negative floats are black; if they go below a tenth of the largest value,
    they are taken as values around zero, which becomes mid grey. NaN is black.

    Args:
        samples: Array of any shape; integers, floats or booleans.
        bits: Significant bits of an integer, such as 12 of 16.

    """
    if samples.dtype == np.bool_:
        return samples.astype(np.uint8) * np.uint8(255)
    if samples.dtype.kind == "f":
        return _from_floats(samples)
    if samples.dtype.kind == "i":
        samples, bits = samples.clip(0), bits - 1
    white = float(2**bits - 1)
    if bits > 16 and int(samples.max(initial=0)) <= 65535:
        white = 65535.0
    if white == 65535:
        return _FROM_SIXTEEN[samples.astype(np.uint16, copy=False)]
    return _scaled(samples, 255 / white)


def _from_floats(samples: NDArray[np.floating]) -> NDArray[np.uint8]:
    finite = samples[np.isfinite(samples)]
    least, most = float(finite.min(initial=0)), float(finite.max(initial=0))
    if least < -_SIGNED * most:
        reach = max(-least, most)
        return _scaled(samples, 127.5 / _white(reach), 127.5)
    return _scaled(samples, 255 / _white(most))


def _white(largest: float) -> float:
    if largest < _OVERSHOOT:
        return 1.0
    return 255.0 if largest < 256 else largest


def _scaled(samples: NDArray[Any], factor: float, zero: float = 0.0) -> NDArray[np.uint8]:
    kind = np.float64 if samples.dtype.itemsize > 4 else np.float32
    values: NDArray[np.floating] = samples.astype(kind)
    np.multiply(values, factor, out=values)
    np.add(values, zero, out=values)
    np.nan_to_num(values, copy=False, nan=0.0, posinf=255.0, neginf=0.0)
    return np.asarray(values.clip(0, 255).round(), np.uint8)
