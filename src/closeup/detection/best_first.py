"""The last step of every detector: clip the boxes to the picture and put the surest first."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from closeup.detections import Detections
from closeup.faces import Faces, Landmarks, Squaring
from closeup.geometry import Boxes, Size, areas, clipped


def best_first(
    boxes: NDArray[np.floating],
    scores: NDArray[np.floating],
    size: Size,
    landmarks: Landmarks | None = None,
    squaring: Squaring | None = None,
) -> Faces:
    """Faces in descending order of score, clipped to the picture; those outside are dropped.

    Args:
        boxes: (n, 4) xyxy in the picture's pixels.
        scores: (n,) higher is surer; equal scores keep their order.
        size: Of the picture.
        landmarks: (n, 5, 2) or None.
        squaring: What the boxes are like; None for dlib's own squares.

    """
    inside = clipped(boxes, size)
    faces = Faces(inside, scores.astype(np.float32), landmarks, squaring)
    return faces[_order(inside, scores)]


def best_detections_first(found: Detections, size: Size) -> Detections:
    """The same of objects of any classes.

    Args:
        found: In the picture's pixels; equal scores keep their order.
        size: Of the picture.

    """
    inside = clipped(found.boxes, size)
    return replace(found, boxes=inside)[_order(inside, found.scores)]


def _order(boxes: Boxes, scores: NDArray[np.floating]) -> NDArray[np.intp]:
    """Rows of the boxes (n, 4) that have an area, in descending order of score."""
    order = np.argsort(-scores, kind="stable")
    return np.asarray(order[areas(boxes)[order] > 0])
