"""The fill around a picture that does not cover its canvas: a blurred, darkened stage picture."""

from __future__ import annotations

import math

import cv2
import numpy as np

from closeup.geometry import Box, Size
from closeup.media.planes import Plane, Planes

_SAMPLES = 96
"""Columns to which a plane is subsampled first; a strong blur removes finer detail anyway."""

_COLUMNS = 16
"""Columns of the reduced picture; enlarging it gives the blur."""

_BRIGHTNESS = 0.45
_BLACK, _NEUTRAL = 16, 128
"""Luma of black and chroma of grey."""


def fill_backdrop(source: Planes, area: Box, canvas: Planes) -> None:
    """Fill ``canvas`` with the middle of ``area`` of ``source``, blurred and darkened."""
    source = _inside(source, area)
    shape = canvas.size.width / canvas.size.height
    for plane, target, dark in zip(source, canvas, (_BLACK, _NEUTRAL, _NEUTRAL), strict=True):
        tiny = _tiny(_middle(plane, shape))
        dimmed = cv2.addWeighted(tiny, _BRIGHTNESS, tiny, 0, dark * (1 - _BRIGHTNESS))
        target[:] = cv2.resize(dimmed, target.shape[::-1], interpolation=cv2.INTER_CUBIC)


def _inside(source: Planes, area: Box) -> Planes:
    """The part of a picture in an area, extended to even coordinates."""
    x, y = (2 * math.floor((edge + 0.5) / 2) for edge in (area.x1, area.y1))
    return source.part(x, y, Size(math.ceil(area.x2 + 0.5) - x, math.ceil(area.y2 + 0.5) - y))


def _middle(plane: Plane, shape: float) -> Plane:
    """The largest centred part that has ``shape`` as width over height."""
    rows, columns = plane.shape
    kept_rows = min(rows, max(1, round(columns / shape)))
    kept_columns = min(columns, max(1, round(rows * shape)))
    top, left = (rows - kept_rows) // 2, (columns - kept_columns) // 2
    return plane[top : top + kept_rows, left : left + kept_columns]


def _tiny(plane: Plane) -> Plane:
    step = max(1, plane.shape[1] // _SAMPLES)
    thinned = plane[::step, ::step]
    rows = max(1, round(_COLUMNS * thinned.shape[0] / thinned.shape[1]))
    small = cv2.resize(thinned, (_COLUMNS, rows), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)
