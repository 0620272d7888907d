"""Candidate boxes: suppress overlapping ones, clip them, and sort them by score."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.detections import Detections
from closeup.faces import Faces, Landmarks, Squaring
from closeup.geometry import Boxes, Size, areas, clipped, sides_of


def best_first(
    boxes: NDArray[np.floating],
    scores: NDArray[np.floating],
    size: Size,
    landmarks: Landmarks | None = None,
    squaring: Squaring | None = None,
) -> Faces:
    """Return faces in descending order of score, clipped to the picture; those outside are dropped.

    Args:
        boxes: (n, 4) xyxy in the picture's pixels.
        scores: (n,) higher is more certain; equal scores keep their order.
        size: Size of the picture, in pixels.
        landmarks: (n, 5, 2) in the picture's pixels, or None.
        squaring: How to turn the boxes into squares; None if they are dlib's own squares.

    """
    inside = clipped(boxes, size)
    faces = Faces(inside, scores.astype(np.float32), landmarks, squaring)
    return faces[_order(inside, scores)]


def best_detections_first(found: Detections, size: Size) -> Detections:
    """Like :func:`best_first`, for objects of any classes.

    Args:
        found: Objects in the picture's pixels; equal scores keep their order.
        size: Size of the picture, in pixels.

    """
    inside = clipped(found.boxes, size)
    return replace(found, boxes=inside)[_order(inside, found.scores)]


def _order(boxes: Boxes, scores: NDArray[np.floating]) -> NDArray[np.intp]:
    """Return the rows of boxes (n, 4) with an area above 0, in descending order of score."""
    order = np.argsort(-scores, kind="stable")
    return np.asarray(order[areas(boxes)[order] > 0])


def best_of_overlapping(
    boxes: NDArray[np.floating], scores: NDArray[np.floating], overlap: float
) -> NDArray[np.intp]:
    """Return the indices of the boxes that non-maximum suppression keeps, best score first.

    Args:
        boxes: (n, 4) xyxy.
        scores: (n,) above 0, higher is more certain.
        overlap: Intersection over union from which the box with the lower score is dropped.

    """
    sides = sides_of(boxes)
    rectangles = np.hstack([boxes[:, :2], sides]).tolist()
    return np.array(cv2.dnn.NMSBoxes(rectangles, scores.tolist(), 0.0, overlap), np.intp)


WIDER_FACE_SQUARING = Squaring(side=0.95, lower=0.04)
"""Found by experiment with YuNet on photos with hand-set eye centres; YOLO files for faces
are trained on the same boxes."""


_TO_EDGES = np.array([-0.5, -0.5, 0.5, 0.5])


def boxes_from_rectangles(rectangles: NDArray[np.number]) -> NDArray[np.float64]:
    """Convert rows of (left, top, right, bottom), inclusive pixels, to xyxy boxes; shape (n, 4)."""
    return np.asarray(rectangles.reshape(-1, 4) + _TO_EDGES, np.float64)
