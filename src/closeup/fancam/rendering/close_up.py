"""One member's picture: the crop window of the camera path, or the whole stage."""

from __future__ import annotations

import math

import numpy as np

from closeup.camera_path import CameraPath, View
from closeup.fancam.rendering.backdrop import fill_backdrop
from closeup.fancam.rendering.crop import crop
from closeup.fancam.rendering.other_faces import OtherFaces
from closeup.geometry import Box, Size, whole
from closeup.media.decoded_frame import DecodedFrame
from closeup.media.planes import Planes

_SLACK = 0.5
"""Source pixels by which a window may exceed the picture and still count as inside: the
picture's last pixel is repeated there, which is not visible."""


class CloseUp:
    """A :class:`closeup.fancam.rendering.picture.FrameRenderer` that follows a camera path.

    Args:
        path: The camera path.
        others: Faces to conceal; None to show all.

    """

    def __init__(self, path: CameraPath, others: OtherFaces | None = None) -> None:
        self._path, self._others = path, others
        self._windows = path.boxes()

    @property
    def size(self) -> Size:
        """Size of the camera path."""
        return self._path.size

    def __len__(self) -> int:
        return len(self._path)

    def shows(self, index: int) -> bool:
        """False where the path is SKIP."""
        return bool(self._path.views[index] != View.SKIP)

    def draw(self, frame: DecodedFrame, canvas: Planes) -> None:
        """Draw the window where the path is CLOSE, the whole stage letterboxed where it is WIDE."""
        source = frame.planes
        area = self.area(frame)
        if self._path.views[frame.index] == View.CLOSE:
            window = Box(*map(float, self._windows[frame.index]))
        else:
            window = around(area, canvas.size)
        draw_window(source, window, area, canvas)
        if self._others is not None:
            self._others.conceal(frame.index, window, canvas)

    def area(self, frame: DecodedFrame) -> Box:
        """The part of a frame that may be shown: without bars."""
        areas = self._path.areas
        return whole(frame.size) if areas is None else Box(*map(float, areas[frame.index]))


def around(inner: Box, shape: Size) -> Box:
    """The smallest window of the given shape that holds all of ``inner``."""
    scale = max(inner.width / shape.width, inner.height / shape.height)
    half_width, half_height = shape.width * scale / 2, shape.height * scale / 2
    x, y = inner.centre
    return Box(x - half_width, y - half_height, x + half_width, y + half_height)


def draw_window(source: Planes, window: Box, area: Box, canvas: Planes) -> None:
    """Draw ``window`` on the canvas, with a blurred fill where it exceeds ``area``."""
    edges = np.array([window.x1, window.y1, -window.x2, -window.y2])
    limits = np.array([area.x1, area.y1, -area.x2, -area.y2])
    if np.all(edges >= limits - _SLACK):
        crop(source, window, canvas)
        return
    fill_backdrop(source, area, canvas)
    width, height = canvas.size
    x1, x2 = _covered(window.x1, window.x2, area.x1, area.x2, width)
    y1, y2 = _covered(window.y1, window.y2, area.y1, area.y2, height)
    if x1 >= x2 or y1 >= y2:
        return
    per_column, per_row = window.width / width, window.height / height
    shown = Box(
        window.x1 + x1 * per_column,
        window.y1 + y1 * per_row,
        window.x1 + x2 * per_column,
        window.y1 + y2 * per_row,
    )
    crop(source, shown, canvas.part(x1, y1, Size(x2 - x1, y2 - y1)))


def _covered(start: float, end: float, first: float, last: float, pixels: int) -> tuple[int, int]:
    """Range of output pixels that lie fully in the area, rounded inwards to even numbers."""
    scale = pixels / (end - start)
    begin = 2 * math.ceil(max(0.0, (first - start) * scale) / 2 - 1e-6)
    stop = 2 * math.floor(min(float(pixels), (last - start) * scale) / 2 + 1e-6)
    return begin, stop
