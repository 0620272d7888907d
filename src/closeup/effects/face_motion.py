"""The motion of a face between two frames, to a fraction of a pixel, by optical flow."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.frames import GrayImage
from closeup.geometry import Size, centres_of, sides_of
from closeup.similarity import Similarity
from closeup.tracking.flow import track_points

_SIDE = 112
"""Height of a face in pixels at which its motion is measured; larger faces are reduced."""
_REACH = 0.9
"""Distance from the box's centre, in box sides, of the part of the pictures that is used."""
_GRID = np.stack(np.meshgrid(*[np.linspace(-0.36, 0.36, 7)] * 2), axis=-1).reshape(-1, 2)
"""Points that are tracked, in sides of the box from its centre."""
_ROUND_TRIP = 0.5
"""Largest forward-backward error of a valid point, in pixels of the reduced picture."""
_LEAST_POINTS = 8
_ERROR = 0.6
"""Distance of a point from the common motion, in the same pixels, up to which it agrees."""
_LARGEST_CHANGE = 0.25
"""Largest change of scale, or of the angle in radians, that is believed."""


def face_motion(
    before: GrayImage, after: GrayImage, box: NDArray[np.floating]
) -> Similarity | None:
    """The similarity that moves a face from one frame to the next.

    Points of a grid are tracked forward and back (Kalal et al., "Forward-backward error", ICPR
    2010); the motion of most of them is found by RANSAC.

    Args:
        before: (H, W) luma of a frame.
        after: (H, W) luma of the next one.
        box: (4,) the face in ``before``, xyxy in pixels.

    Returns:
        The similarity in pixels of the pictures; None if too few points agree, as after a cut.

    """
    side = float(sides_of(box).max())
    scale = min(1.0, _SIDE / max(side, 1.0))
    centre = centres_of(box).astype(np.float64)
    low = np.maximum(np.floor(centre - _REACH * side).astype(int), 0)
    high = np.minimum(np.ceil(centre + _REACH * side).astype(int), Size.of(before))
    if before.shape != after.shape or (high - low < 16).any():
        return None
    a, b = (_reduced(image[low[1] : high[1], low[0] : high[0]], scale) for image in (before, after))
    start = ((centre + _GRID * side - low + 0.5) * scale - 0.5).astype(np.float32)
    there, found = track_points(a, b, start)
    back, returned = track_points(b, a, there)
    good = found & returned & (np.linalg.norm(back - start, axis=1) < _ROUND_TRIP)
    if good.sum() < _LEAST_POINTS:
        return None
    first, second = ((p[good] + 0.5) / scale - 0.5 + low for p in (start, there))
    return _common(first, second, _ERROR / scale)


def _reduced(image: GrayImage, scale: float) -> GrayImage:
    if scale == 1.0:
        return image
    return np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))


def _common(
    start: NDArray[np.floating], there: NDArray[np.floating], error: float
) -> Similarity | None:
    matrix, agreed = cv2.estimateAffinePartial2D(start, there, ransacReprojThreshold=error)
    if matrix is None or int(np.sum(agreed)) < _LEAST_POINTS:
        return None
    change = np.hypot(matrix[0, 0] - 1, matrix[1, 0])
    return None if change > _LARGEST_CHANGE else Similarity(np.asarray(matrix, np.float64))
