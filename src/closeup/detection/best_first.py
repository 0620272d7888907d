"""The last step of every detector: cut the boxes to the picture and put the surest first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from closeup.faces import Faces, Landmarks, Squaring
from closeup.geometry import Size, areas, clipped


def best_first(
    boxes: NDArray[np.floating],
    scores: NDArray[np.floating],
    size: Size,
    landmarks: Landmarks | None = None,
    squaring: Squaring | None = None,
) -> Faces:
    """Faces in descending order of score, cut to the picture; those outside of it are dropped.

    Args:
        boxes: (n, 4) xyxy in the picture's pixels.
        scores: (n,) higher is surer; equal scores keep their order.
        size: Of the picture.
        landmarks: (n, 5, 2) or None.
        squaring: What the boxes are like; None for dlib's own squares.

    """
    inside = clipped(boxes, size)
    faces = Faces(inside, scores.astype(np.float32), landmarks, squaring)
    order = np.argsort(-scores, kind="stable")
    return faces[order[areas(inside)[order] > 0]]
