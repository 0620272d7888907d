"""What the darkness around a point says of the pupil that was found there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from closeup.pupils.darkness import clearness
from closeup.pupils.method import Located
from closeup.pupils.openness import openness


def dark_spot(dark: NDArray[np.float32], point: tuple[float, float], unit: float) -> Located:
    """The pupil at ``point``, how surely it is one, and how open its eye is.

    Args:
        dark: (H, W) as :func:`closeup.pupils.darkness.darkness` gives it.
        point: (x, y) in the crop's pixels.
        unit: Eye distance in pixels of the crop.

    """
    return Located(np.array(point), clearness(dark, point, unit), openness(dark, point, unit))
