"""Cutting a window out of a YUV picture at any position and scale, without going through RGB."""

from __future__ import annotations

import math
from typing import NamedTuple

import cv2
import numpy as np

from closeup.geometry import Box
from closeup.media.planes import Plane, Planes

_AREA_BELOW = 1 / 1.5
"""Scale below which pixels are averaged: a bilinear filter would skip pixels, and fine patterns
would flicker."""

_SUPPORT = 3
"""Source pixels that the widest filter (bicubic) needs beyond the window, plus one."""


class _Axis(NamedTuple):
    """Positions of the output samples on one axis of a source plane.

    Attributes:
        start: Source position of the first output sample's leading edge; a source pixel
            ``i`` covers ``i`` to ``i + 1`` here.
        scale: Output samples per source pixel.

    """

    start: float
    scale: float

    def reach(self, samples: int, limit: int) -> slice:
        """The source pixels that ``samples`` outputs depend on, inside 0 to ``limit``."""
        first = min(max(0, math.floor(self.start) - _SUPPORT), limit - 1)
        last = math.ceil(self.start + samples / self.scale) + _SUPPORT
        return slice(first, min(limit, max(last, first + 1)))


def crop(source: Planes, window: Box, canvas: Planes) -> None:
    """Fill ``canvas`` with the part of ``source`` inside ``window``, with sub-pixel precision.

    Output pixel j shows source position ``x1 + (j + ½) / scale``. Chroma is sampled at its
    position in 4:2:0: on even luma columns and between pairs of luma rows. Enlarging is bicubic,
    shrinking bilinear, strong shrinking an average. Outside the picture its edge is repeated.

    Args:
        source: The picture.
        window: Edges in source luma pixels, whose centres are at integers; its aspect ratio is
            about the canvas's.
        canvas: Planes to write; the whole canvas shows the whole window.

    """
    width, height = canvas.size
    scale_x, scale_y = width / window.width, height / window.height
    x, y = window.x1 + 0.5, window.y1 + 0.5
    _resample(source.y, _Axis(x, scale_x), _Axis(y, scale_y), canvas.y)
    # Chroma column k lies at luma column 2k, a quarter of a chroma pixel left of the middle
    # of the pair of luma columns: the same quarter is taken off in the source and added in
    # the output, whose pixels are smaller by the scale.
    chroma_x = _Axis(x / 2 + 0.25 - 0.25 / scale_x, scale_x)
    chroma_y = _Axis(y / 2, scale_y)
    _resample(source.u, chroma_x, chroma_y, canvas.u)
    _resample(source.v, chroma_x, chroma_y, canvas.v)


def _resample(plane: Plane, x: _Axis, y: _Axis, target: Plane) -> None:
    rows, columns = target.shape
    across, down = x.reach(columns, plane.shape[1]), y.reach(rows, plane.shape[0])
    pixels = plane[down, across]
    if (x.scale, y.scale) != (1, 1):
        method = _method(min(x.scale, y.scale))
        # No size is given, so that the scale is exact and not a ratio of rounded sizes.
        pixels = np.asarray(
            cv2.resize(pixels, None, fx=x.scale, fy=y.scale, interpolation=method), np.uint8
        )
    left, top = (x.start - across.start) * x.scale, (y.start - down.start) * y.scale
    _shift(pixels, left, top, target)


def _method(scale: float) -> int:
    if scale > 1:
        return cv2.INTER_CUBIC
    return cv2.INTER_LINEAR if scale > _AREA_BELOW else cv2.INTER_AREA


def _shift(pixels: Plane, left: float, top: float, target: Plane) -> None:
    """Copy the rectangle that begins at fractional ``left``, ``top`` to ``target``."""
    rows, columns = target.shape
    if left.is_integer() and top.is_integer():
        x, y = int(left), int(top)
        inside = x >= 0 and y >= 0 and x + columns <= pixels.shape[1]
        if inside and y + rows <= pixels.shape[0]:
            target[:] = pixels[y : y + rows, x : x + columns]
            return
    centre = (left + (columns - 1) / 2, top + (rows - 1) / 2)
    target[:] = cv2.getRectSubPix(pixels, (columns, rows), centre)
