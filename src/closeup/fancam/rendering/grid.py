"""All members side by side in one video."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from closeup.camera_path import CameraPath
from closeup.fancam.rendering.backdrop import fill_backdrop
from closeup.fancam.rendering.close_up import CloseUp
from closeup.fancam.rendering.other_faces import OtherFaces
from closeup.geometry import Size
from closeup.media.decoded_frame import DecodedFrame
from closeup.media.planes import Planes

_LARGEST = Size(3840, 2160)
"""Many players do not play larger videos."""

_SHAPE = 16 / 9
"""Width over height to which the layout of the grid comes as near as possible."""


class FancamGrid:
    """A :class:`closeup.fancam.rendering.picture.FrameRenderer` of several camera paths, in rows.

    Where a path is SKIP its cell shows only the blurred fill, since the grid keeps every frame.

    Args:
        paths: The camera paths.
        others: Faces to conceal in the cell of each path; None to show all.

    Raises:
        ValueError: there is no path, or the paths differ in size or length.

    """

    def __init__(
        self, paths: Sequence[CameraPath], others: Sequence[OtherFaces | None] | None = None
    ) -> None:
        if not paths:
            raise ValueError("a grid needs at least one camera path")
        if len({(path.size, len(path)) for path in paths}) > 1:
            raise ValueError("the camera paths of a grid must agree in size and length")
        self._columns, self._cell = _layout(len(paths), paths[0].size)
        self._rows = math.ceil(len(paths) / self._columns)
        self._cells = [
            CloseUp(replace(path, size=self._cell), hidden)
            for path, hidden in zip(paths, others or [None] * len(paths), strict=True)
        ]

    @property
    def size(self) -> Size:
        """Size of all cells together in pixels, at most 3840x2160."""
        return Size(self._columns * self._cell.width, self._rows * self._cell.height)

    def __len__(self) -> int:
        return len(self._cells[0])

    def shows(self, index: int) -> bool:
        """True for every frame."""
        return 0 <= index < len(self)

    def draw(self, frame: DecodedFrame, canvas: Planes) -> None:
        """Draw every member's window into its cell."""
        for place in range(self._columns * self._rows):
            row, column = divmod(place, self._columns)
            part = canvas.part(column * self._cell.width, row * self._cell.height, self._cell)
            if place < len(self._cells) and self._cells[place].shows(frame.index):
                self._cells[place].draw(frame, part)
            else:
                # All paths have the same areas.
                fill_backdrop(frame.planes, self._cells[0].area(frame), part)


def _layout(count: int, size: Size) -> tuple[int, Size]:
    """Number of columns, and the size of a cell; both sides are even."""

    def distance(rows: int) -> float:
        shape = math.ceil(count / rows) * size.width / (rows * size.height)
        return abs(math.log(shape / _SHAPE))

    rows = min(range(1, count + 1), key=distance)
    columns = math.ceil(count / rows)
    scale = min(
        1.0, _LARGEST.width / (columns * size.width), _LARGEST.height / (rows * size.height)
    )
    return columns, Size(*(max(2, 2 * math.floor(side * scale / 2)) for side in size))
