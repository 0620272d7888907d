"""Five landmarks per face, derived from dlib's points if the detector gives none."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from closeup.faces import Landmarks
from closeup.landmarks.dlib_points import DlibPoints
from closeup.landmarks.templates import ARCFACE_POINTS
from closeup.similarity import Similarity

_ANCHORS = np.array([(80.4, 53.2), (66.6, 53.5), (31.2, 53.4), (45.2, 53.6), (55.9, 80.1)])
"""Positions of dlib's five points in the ArcFace template: medians over LFW photos that were
aligned by hand-set points (``benchmarks/alignment.py``)."""

_EYES = [[2, 3], [0, 1]]
"""Corners of the subject's right and left eye among dlib's five points."""


def five_points(points: DlibPoints) -> Landmarks:
    """Derive eyes, nose tip and mouth corners from the points of dlib's predictors.

    From 68 points: the mean of each eye's six, the nose tip and the outer corners of the lips.
    From five points, the eye corners and the *base* of the nose: each eye is the middle of its
    corners, shifted up a little; nose tip and mouth corners come from an average face that is
    fitted to the five points.

    Args:
        points: (n, 5, 2) or (n, 68, 2) in dlib's order, in pixels.

    Returns:
        (n, 5, 2) float32 in the order of :data:`closeup.faces.Landmarks`.

    Raises:
        ValueError: all five points of a face coincide.

    """
    if points.shape[1] == len(_ANCHORS):
        return np.array([_of_five(face) for face in points], np.float32).reshape(-1, 5, 2)
    eyes = [points[:, first : first + 6].mean(axis=1, keepdims=True) for first in (36, 42)]
    return np.concatenate([*eyes, points[:, [30, 48, 54]]], axis=1)


def _of_five(points: NDArray[np.float32]) -> NDArray[np.float64]:
    average = Similarity.between(_ANCHORS, points)
    face = average.apply(ARCFACE_POINTS)
    face[:2] += _middles(points) - average.apply(_middles(_ANCHORS))
    return face


def _middles(points: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.asarray(points[_EYES].mean(axis=1))
