"""Non-maximum suppression: of boxes on the same thing the surest stays."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.geometry import sides_of


def best_of_overlapping(
    boxes: NDArray[np.floating], scores: NDArray[np.floating], overlap: float
) -> NDArray[np.intp]:
    """Indices of the boxes that stay, best score first.

    Args:
        boxes: (n, 4) xyxy.
        scores: (n,) above 0, higher is surer.
        overlap: Intersection over union from which the less sure of two is dropped.

    """
    sides = sides_of(boxes)
    rectangles = np.hstack([boxes[:, :2], sides]).tolist()
    return np.array(cv2.dnn.NMSBoxes(rectangles, scores.tolist(), 0.0, overlap), np.intp)
