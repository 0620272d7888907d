"""Candidate boxes: suppress overlapping ones, clip them, and put the best score first."""

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


WIDER_FACE_SQUARING = Squaring(side=0.95, lower=0.04)
"""Found by experiment with YuNet on photos with hand-set eye centres; YOLO files for faces
are trained on the same boxes."""


_TO_EDGES = np.array([-0.5, -0.5, 0.5, 0.5])


def boxes_from_rectangles(rectangles: NDArray[np.number]) -> NDArray[np.float64]:
    """Rows of (left, top, right, bottom), first and last pixel inside, as xyxy; shape (n, 4)."""
    return np.asarray(rectangles.reshape(-1, 4) + _TO_EDGES, np.float64)
