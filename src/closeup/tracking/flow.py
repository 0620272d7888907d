"""Median flow: the movement of boxes from one grey picture to the next."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.frames import GrayImage
from closeup.geometry import Boxes, boxes_around, centres_of, sides_of

_GRID = 4
_WINDOW = (11, 11)
_LEVELS = 3
_PRECISION = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 10, 0.03)
"""Termination after ten steps or a step of 0.03 pixels, enough for the median over a box."""
_ROUND_TRIP = 1.0
"""Largest forward-backward error of a valid point, in pixels."""
_LARGEST_ZOOM = 0.1
"""Largest relative change of a head's size between two frames."""


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
    start = _grids(boxes)
    there, found = _track(before, after, start)
    back, returned = _track(after, before, there)
    error = np.linalg.norm(back - start, axis=1)
    good = (found & returned & (error < _ROUND_TRIP)).reshape(len(boxes), -1)
    start, there = (p.reshape(len(boxes), -1, 2) for p in (start, there))
    moved = np.array(
        [
            _moved(box, a[ok], b[ok], zooms)
            for box, a, b, ok, zooms in zip(boxes, start, there, good, zoom, strict=True)
        ],
        np.float32,
    )
    return Flow(moved, good.mean(axis=1, dtype=np.float32))


def _grids(boxes: Boxes) -> NDArray[np.float32]:
    """Points on a regular grid in the inner 80 % of each box; shape (n × grid², 2)."""
    steps = np.linspace(0.1, 0.9, _GRID, dtype=np.float32)
    unit = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(1, -1, 2)
    corner, size = boxes[:, None, :2], boxes[:, None, 2:] - boxes[:, None, :2]
    return np.asarray(corner + unit * size, np.float32).reshape(-1, 2)


def _track(
    a: GrayImage, b: GrayImage, points: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    guess = np.empty_like(points)
    moved, status, _ = cv2.calcOpticalFlowPyrLK(
        a, b, points, guess, winSize=_WINDOW, maxLevel=_LEVELS, criteria=_PRECISION
    )
    return np.asarray(moved, np.float32), np.asarray(status, bool).reshape(-1)


def _moved(
    box: NDArray[np.float32], start: NDArray[np.float32], there: NDArray[np.float32], zoom: bool
) -> NDArray[np.float32]:
    if len(start) < 3:
        return box
    shift = np.median(there - start, axis=0)
    scale = _scale(start, there) if zoom else 1.0
    centre = centres_of(box) + shift
    half = sides_of(box) / 2 * scale
    return boxes_around(centre, half).astype(np.float32)


def _scale(start: NDArray[np.float32], there: NDArray[np.float32]) -> float:
    """Change of the points' median distance from their mean, as a bounded factor."""
    before, after = (np.abs(p - p.mean(axis=0)).sum(axis=1) for p in (start, there))
    ratio = float(np.median(after) / max(float(np.median(before)), 1e-6))
    return min(max(ratio, 1 - _LARGEST_ZOOM), 1 + _LARGEST_ZOOM)
