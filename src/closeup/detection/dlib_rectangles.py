"""dlib's rectangles, whose corners are pixels inside, and boxes, whose corners are edges."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_TO_EDGES = np.array([-0.5, -0.5, 0.5, 0.5])


def boxes_from_rectangles(rectangles: NDArray[np.number]) -> NDArray[np.float64]:
    """Rows of (left, top, right, bottom), first and last pixel inside, as xyxy; shape (n, 4)."""
    return np.asarray(rectangles.reshape(-1, 4) + _TO_EDGES, np.float64)
