"""Whether an eye is open, by the shape of its dark spot."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from closeup.pupils.darkness import disc

_BLUR = 0.06
"""Standard deviation of the spot, in eye distances."""
_OPEN = 0.8
"""Ratio of a well open eye: the median of those whose lids are a third of the eye's width apart."""
_UNCLEAR = -0.1


def openness(dark: NDArray[np.float32], point: tuple[float, float], unit: float) -> float:
    """From 0 for a closed eye to 1 for an open one; NaN where there is no dark spot.

    An iris is as wide as it is high; closed lashes are a level line. So the curvature of the
    darkness across the eye is divided by that down the eye. On LFW this tells nearly closed
    eyes from open ones, as the lids' contour has them, with an area under the ROC curve of
    0.93; the ratio of the principal curvatures gives 0.91.

    Args:
        dark: (H, W), eyes level; see :func:`closeup.pupils.darkness.darkness`.
        point: The pupil, (x, y).
        unit: Eye distance in pixels.

    """
    height, width = dark.shape
    x = int(np.clip(round(point[0]), 1, width - 2))
    y = int(np.clip(round(point[1]), 1, height - 2))
    spots = disc(dark, _BLUR * unit, 2 * _BLUR * unit)
    part = spots[y - 1 : y + 2, x - 1 : x + 2].astype(np.float64)
    across = part[1, 0] - 2 * part[1, 1] + part[1, 2]
    down = part[0, 1] - 2 * part[1, 1] + part[2, 1]
    if down >= 0 or across / down < _UNCLEAR:
        return float("nan")
    return float(np.clip(across / down / _OPEN, 0, 1))
