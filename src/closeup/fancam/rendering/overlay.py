"""The preview: the stage video with a box and a name for every member that was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from closeup.drawing.colours import distinct_colour
from closeup.drawing.lettering import label
from closeup.fancam.rendering.crop import crop
from closeup.fancam.rendering.other_faces import OtherFaces
from closeup.geometry import Box, Size, whole
from closeup.media.decoded_frame import DecodedFrame
from closeup.media.planes import Planes
from closeup.tracks import PositionSource, Trajectory

_LONGEST_SIDE = 1280
"""Longer side in pixels: enough for a check, and a third of the work of full HD."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """The drawing of one member: a trajectory, a plain colour and a name plate."""

    trajectory: Trajectory
    colour: tuple[int, int, int]
    plate: Planes


class Preview:
    """A :class:`closeup.fancam.rendering.picture.FrameRenderer` of the stage with boxes and names.

    Boxes are thick where the face was detected or tracked, thin where interpolated.

    Args:
        trajectories: One trajectory a member.
        source: Size of the stage video.
        longest: Longer side of the preview in pixels.
        others: Faces to conceal; None to show all.

    Raises:
        ValueError: there is no trajectory, or the trajectories differ in length.

    """

    def __init__(
        self,
        trajectories: Sequence[Trajectory],
        source: Size,
        longest: int = _LONGEST_SIDE,
        others: OtherFaces | None = None,
    ) -> None:
        self._others = others
        if len({len(trajectory) for trajectory in trajectories}) != 1:
            raise ValueError("a preview needs trajectories, all of the same length")
        fitted = source.fitted(longest)
        self._size = Size(*(max(2, side - side % 2) for side in fitted))
        self._line = max(1, round(min(self._size) / 360)) * 2
        self._marks = [
            _mark(trajectory, number, max(16, min(self._size) // 22))
            for number, trajectory in enumerate(trajectories)
        ]

    @property
    def size(self) -> Size:
        """Size of the preview: both sides are even, the longer one is at most ``longest``."""
        return self._size

    def __len__(self) -> int:
        return len(self._marks[0].trajectory)

    def shows(self, index: int) -> bool:
        """True for every frame."""
        return 0 <= index < len(self)

    def draw(self, frame: DecodedFrame, canvas: Planes) -> None:
        """Draw the stage, then every member that is present."""
        crop(frame.planes, whole(frame.size), canvas)
        if self._others is not None:
            self._others.conceal(frame.index, whole(frame.size), canvas)
        scale = np.tile(np.divide(self._size, frame.size), 2)
        for mark in self._marks:
            source = mark.trajectory.sources[frame.index]
            if source != PositionSource.ABSENT:
                box = Box(*map(float, (mark.trajectory.boxes[frame.index] + 0.5) * scale))
                line = self._line // 2 if source == PositionSource.INTERPOLATED else self._line
                _frame_box(canvas, box, line + line % 2, mark)


def _mark(trajectory: Trajectory, number: int, height: int) -> _Mark:
    rgb = distinct_colour(number)
    plate = _planes(label(trajectory.name, f"#{number + 1}", height, rgb))
    flat = _planes(np.full((2, 2, 3), rgb, np.uint8))
    return _Mark(trajectory, (int(flat.y[0, 0]), int(flat.u[0, 0]), int(flat.v[0, 0])), plate)


def _planes(image: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> Planes:
    """An RGB image of even size in yuv420p (BT.601, 16–235); exact enough for plain colours."""
    height, width = image.shape[:2]
    stacked = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2YUV_I420), np.uint8)
    y, chroma = stacked[:height], stacked[height:].reshape(2, height // 2, width // 2)
    return Planes(y, chroma[0], chroma[1])


def _frame_box(canvas: Planes, box: Box, line: int, mark: _Mark) -> None:
    x1, y1, x2, y2 = (2 * round(edge / 2) for edge in (box.x1, box.y1, box.x2, box.y2))
    for left, top, right, bottom in (
        (x1 - line, y1 - line, x2 + line, y1),
        (x1 - line, y2, x2 + line, y2 + line),
        (x1 - line, y1, x1, y2),
        (x2, y1, x2 + line, y2),
    ):
        for plane, value in zip(
            _clipped(canvas, left, top, right, bottom), mark.colour, strict=True
        ):
            plane[:] = value
    _paste(canvas, x1 - line, y1 - line, mark.plate)


def _paste(canvas: Planes, x: int, bottom: int, plate: Planes) -> None:
    """Put a name plate above ``bottom``, moved as little as needed to lie inside the canvas."""
    (width, height), size = plate.size, canvas.size
    x = max(0, min(x, size.width - width))
    top = max(0, min(bottom - height, size.height - height))
    target = _clipped(canvas, x, top, x + width, top + height)
    for pixels, name in zip(target, plate, strict=True):
        rows, columns = pixels.shape
        pixels[:] = name[:rows, :columns]


def _clipped(canvas: Planes, x1: int, y1: int, x2: int, y2: int) -> Planes:
    """The part of a rectangle with even edges that lies on the canvas; it may be empty."""
    width, height = canvas.size
    x1, x2 = max(0, min(x1, width)), max(0, min(x2, width))
    y1, y2 = max(0, min(y1, height)), max(0, min(y2, height))
    return canvas.part(x1, y1, Size(max(0, x2 - x1), max(0, y2 - y1)))
