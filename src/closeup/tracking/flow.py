"""Median flow: the movement of boxes from one grey picture to the next."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.frames import GrayImage
from closeup.geometry import Boxes, Size, boxes_around, centres_of, sides_of

_GRID = 4
_STEPS = np.linspace(0.1, 0.9, _GRID, dtype=np.float32)
_UNIT_GRID = np.stack(np.meshgrid(_STEPS, _STEPS), axis=-1).reshape(1, -1, 2)
_WINDOW = (11, 11)
_LEVELS = 3
_PRECISION = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 10, 0.03)
"""Termination after ten steps or a step of 0.03 pixels, enough for the median over a box."""
_ROUND_TRIP = 1.0
"""Largest forward-backward error of a valid point, in pixels."""
_LEAST_POINTS = 3
_LARGEST_ZOOM = 0.1
"""Largest relative change of a head's size between two frames."""


_MARGIN = 64
"""Pixels around all boxes in which flow is measured; a faster movement is lost anyway."""


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """Moved boxes.

    Attributes:
        boxes: (n, 4) float32, xyxy in the pixels of the pictures.
        trust: (n,) float32, share of a box's points that passed the forward-backward check.

    """

    boxes: Boxes
    trust: NDArray[np.float32]


def flow_boxes(before: GrayImage, after: GrayImage, boxes: Boxes, zoom: NDArray[np.bool_]) -> Flow:
    """Move boxes by the optical flow of a grid of points inside each.

    Kalal, Mikolajczyk, Matas, "Forward-backward error" (ICPR 2010): points are tracked
    forward and back (pyramidal Lucas-Kanade), those that do not return are dropped, the box
    moves by the median of the rest and scales with their median distance from their mean.

    Args:
        before: Grey picture (H, W) that ``boxes`` belong to.
        after: Grey picture (H, W) of the next frame.
        boxes: (n, 4) xyxy in their pixels.
        zoom: (n,) whether a box may change its size; it should not for a hidden face, whose
            points lie on hair and hands.

    """
    if not len(boxes):
        return Flow(boxes, np.empty(0, np.float32))
    area, corner = _surroundings(boxes, Size.of(before))
    before, after = before[area], after[area]
    start = _grids(boxes) - corner
    there, found = track_points(before, after, start)
    back, returned = track_points(after, before, there)
    error = np.linalg.norm(back - start, axis=1)
    good = (found & returned & (error < _ROUND_TRIP)).reshape(len(boxes), -1)
    start, there = ((p + corner).reshape(len(boxes), -1, 2) for p in (start, there))
    return Flow(_moved(boxes, start, there, good, zoom), good.mean(axis=1, dtype=np.float32))


def _surroundings(boxes: Boxes, size: Size) -> tuple[tuple[slice, slice], NDArray[np.float32]]:
    """The rows and columns around all boxes, and the corner (x, y) at which they begin.

    Flow costs by the pixel, mostly for pictures at several scales. The corner is a multiple of
    the coarsest scale's step, so that these hold the same pixels as those of the whole picture.
    """
    step = 1 << _LEVELS
    low = np.clip(boxes[:, :2].min(axis=0) - _MARGIN, 0, np.maximum(0, np.array(size) - _MARGIN))
    high = np.clip(boxes[:, 2:].max(axis=0) + _MARGIN, np.minimum(_MARGIN, size), size)
    x1, y1 = (low // step).astype(int) * step
    x2, y2 = np.ceil(high).astype(int)
    return (slice(y1, y2), slice(x1, x2)), np.array([x1, y1], np.float32)


def _grids(boxes: Boxes) -> NDArray[np.float32]:
    """Points on a regular grid in the inner 80 % of each box; shape (n × grid², 2)."""
    corner, size = boxes[:, None, :2], boxes[:, None, 2:] - boxes[:, None, :2]
    return np.asarray(corner + _UNIT_GRID * size, np.float32).reshape(-1, 2)


def track_points(
    a: GrayImage, b: GrayImage, points: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Track points (n, 2) from picture ``a`` to ``b`` by pyramidal Lucas-Kanade.

    Returns:
        (n, 2) places in ``b``, and (n,) which of them were found.

    """
    guess = np.empty_like(points)
    moved, status, _ = cv2.calcOpticalFlowPyrLK(
        a, b, points, guess, winSize=_WINDOW, maxLevel=_LEVELS, criteria=_PRECISION
    )
    return np.asarray(moved, np.float32), np.asarray(status, bool).reshape(-1)


def _moved(
    boxes: Boxes,
    start: NDArray[np.float32],
    there: NDArray[np.float32],
    good: NDArray[np.bool_],
    zoom: NDArray[np.bool_],
) -> Boxes:
    """Boxes (n, 4) moved by their good points; those with fewer than three stay.

    Points have shape (n, k, 2), ``good`` tells which of them count, (n, k), and ``zoom`` which
    boxes may change their size, (n,).
    """
    enough = good.sum(axis=1) >= _LEAST_POINTS
    good = good | ~enough[:, None]  # any value does where the box stays, except no point at all
    measures = [there - start, _spreads(start, good), _spreads(there, good)]
    medians = _medians(np.concatenate(measures, axis=2), good)
    growth = medians[:, 3] / np.maximum(medians[:, 2], np.float32(1e-6))
    scale = np.where(zoom, np.clip(growth, 1 - _LARGEST_ZOOM, 1 + _LARGEST_ZOOM), 1)
    moved = boxes_around(centres_of(boxes) + medians[:, :2], sides_of(boxes) / 2 * scale[:, None])
    return np.where(enough[:, None], moved, boxes).astype(np.float32)


def _spreads(points: NDArray[np.float32], good: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Distance |x| + |y| of each point from the mean of the good points of its box; (n, k, 1)."""
    share = good / good.sum(axis=1, keepdims=True, dtype=np.float32)
    mean = share[:, None] @ points
    return np.asarray(np.abs(points - mean).sum(axis=2, keepdims=True), np.float32)


def _medians(values: NDArray[np.float32], good: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Medians (n, m) of the columns of values (n, k, m), over the good rows of each box."""
    ordered = np.sort(np.where(good[..., None], values, np.float32(np.inf)), axis=1)
    boxes, count = np.arange(len(values)), good.sum(axis=1)
    return np.asarray((ordered[boxes, (count - 1) // 2] + ordered[boxes, count // 2]) / 2)
