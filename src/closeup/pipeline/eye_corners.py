"""The corners of both eyes, by landmarks or by those who labelled them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from closeup.labels import FaceLabel

_FOUND = {5: ((2, 3), (0, 1)), 68: ((36, 39), (45, 42))}
"""Outer and inner corner of the subject's right and left eye among dlib's points."""

_ALL = frozenset(f"p{number}" for number in range(68))
"""The points of 300-W, as importers call them; fewer are numbered by nobody knows whom."""


def found_corners(points: NDArray[np.floating]) -> NDArray[np.float64]:
    """The corners among the points of one face.

    Args:
        points: (5, 2) or (68, 2) in dlib's order.

    Returns:
        (2, 2, 2) x and y: the subject's right eye first, of each eye the outer corner first. In
        crops whose left eyes are mirrored that one is on the left.

    """
    return np.asarray(points[np.array(_FOUND[len(points)])], np.float64)


def labelled_corners(label: FaceLabel) -> NDArray[np.float64]:
    """The corners of a label that has the 68 points of 300-W; else (2, 2, 2) of NaN."""
    if not label.points.keys() >= _ALL:
        return np.full((2, 2, 2), np.nan)
    return np.array([[label.points[f"p{number}"] for number in eye] for eye in _FOUND[68]])
