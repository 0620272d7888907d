"""dlib's tiled pyramid: a picture at many scales on one canvas, for a single network run.

The layout is that of ``compute_tiled_image_pyramid_details`` in dlib's
``image_transforms/image_pyramid.h`` with a ``pyramid_down<6>``: the picture, 5/6 of it, 5/6 of
that … downward in a left column, then from the bottom up at the right. Receptive fields reach
across the edges of neighbouring tiles, so the layout is part of the detector.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.geometry import Size

_BETWEEN, _AROUND = 10, 11
_LEAST_HEIGHT = 5
_UNSIGNED = 2**64


@dataclass(frozen=True, slots=True, eq=False)
class TiledPyramid:
    """The position of each scale of a picture on the canvas.

    Attributes:
        canvas: Size of the whole canvas, in pixels.
        tiles: (n, 4) int64 rows of left, top, width, height; row i is the picture at (5/6)^i.

    """

    canvas: Size
    tiles: NDArray[np.int64]

    @classmethod
    def of(cls, size: Size) -> TiledPyramid:
        """Return the layout for a picture of ``size``."""
        sizes = _scales(size)
        column = _left_column(sizes)
        height = sum(scale.height + _BETWEEN for scale in sizes[:column]) - _BETWEEN
        rows = []
        y = _AROUND
        for scale in sizes[:column]:
            rows.append((_AROUND, y, *scale))
            y += scale.height + _BETWEEN
        y -= _BETWEEN
        for scale in sizes[column:]:
            left, top = _AROUND + size.width - scale.width, y - scale.height
            if left < _AROUND + size.width and top < _AROUND + size.height:
                break  # it would overlap the picture itself
            rows.append((left, top, *scale))
            y = top - _BETWEEN
        canvas = Size(size.width + 2 * _AROUND, height + 2 * _AROUND)
        return cls(canvas, np.array(rows, np.int64).reshape(-1, 4))

    def to_picture(
        self, centres: NDArray[np.float64], boxes: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Map boxes on the canvas to boxes in the picture.

        Args:
            centres: (n, 2) points x, y on the canvas; each box belongs to the tile nearest to its
                point, the first if several are equally near.
            boxes: (n, 4) xyxy on the canvas.

        """
        first = self.tiles[:, :2]
        last = first + self.tiles[:, 2:] - 1
        points = centres[:, None]
        distances = np.linalg.norm(points - np.clip(points, first, last), axis=2)
        nearest = np.argmin(distances, axis=1)
        result: NDArray[np.float64] = boxes - np.tile(first[nearest], 2)
        for level in range(1, len(self.tiles)):
            deeper = nearest >= level
            result[deeper] = result[deeper] * 1.2 + 0.3
        return result


def _scales(size: Size) -> list[Size]:
    scales = [size]
    while True:
        width, height = (side * 5 // 6 for side in scales[-1])
        if width == 0 or height < _LEAST_HEIGHT:
            return scales
        scales.append(Size(width, height))


def _left_column(scales: list[Size]) -> int:
    """Return how many scales fit into the left column before the next fits beside the last one.

    dlib subtracts unsigned numbers, so a negative remaining space counts as unlimited.
    """
    whole = scales[0]
    total = sum(scale.height + _BETWEEN for scale in scales) - 2 * _BETWEEN
    height = previous = 0
    for index, scale in enumerate(scales):
        room = (whole.width - previous - _BETWEEN) % _UNSIGNED
        beyond = (height - whole.height) * 2 % _UNSIGNED
        if scale.width <= room and beyond >= (total - whole.height) % _UNSIGNED:
            return index
        height += scale.height + _BETWEEN
        previous = scale.width
    return len(scales)
