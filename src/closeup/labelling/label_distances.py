"""Distances between two labels of one object, in units that mean the same in every picture."""

from __future__ import annotations

from math import hypot, sqrt

import numpy as np

from closeup.annotations import Annotation, KeyPoint
from closeup.geometry import iou
from closeup.labels import EYES, Box
from closeup.store.label_records import StoredItem

CORNERS = ("right_corner", "left_corner")
"""Names of the corners of one eye."""
_EYE_WIDTHS = 2.1
"""Distance between the pupils over the width of an eye, of average adults (63 and 30 mm)."""


def unit_of(item: StoredItem, label: Annotation) -> float:
    """The length by which distances of a label are divided, in pixels.

    It is the distance between the two eyes where both are labelled or the eye's own corners tell
    it, else the side of a square as large as the box, else the picture's longer side.
    """
    eyes, corners = (_between(label, pair) for pair in (EYES, CORNERS))
    if eyes:
        return eyes
    if corners:
        return _EYE_WIDTHS * corners
    if label.box is not None:
        return sqrt((label.box[2] - label.box[0]) * (label.box[3] - label.box[1]))
    return float(max(item.size)) if item.size is not None else 1.0


def point_distance(first: Annotation, second: Annotation) -> float | None:
    """The largest distance between points of the same name, in pixels; None without any."""
    common = first.points.keys() & second.points.keys()
    return max((apart(first.points[name], second.points[name]) for name in common), default=None)


def apart(first: KeyPoint, second: KeyPoint) -> float:
    """Distance between two points in pixels."""
    return hypot(first.x - second.x, first.y - second.y)


def overlap(first: Box, second: Box) -> float:
    """Intersection over union of two boxes, from 0 to 1."""
    return float(iou(np.array([first], np.float64), np.array([second], np.float64))[0, 0])


def _between(label: Annotation, names: tuple[str, ...]) -> float:
    """Distance between two points in pixels; 0 if one is not labelled."""
    right, left = (label.points.get(name) for name in names)
    return 0.0 if right is None or left is None else apart(right, left)
