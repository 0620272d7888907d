"""Pictures of discs with five points and of squares, and where they are."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.frames import RGBImage

POINTS = np.array([[-0.4, -0.3], [0.4, -0.3], [0, 0.1], [-0.3, 0.5], [0.3, 0.5]])
"""From a disc's middle, in radii."""

DISC, SQUARE = 0, 1


class Drawn(NamedTuple):
    """A picture and its shapes, in pixels whose centres are whole numbers.

    Attributes:
        image: (side, side, 3).
        boxes: (m, 4) xyxy.
        classes: (m,).
        points: (m, 5, 3) x, y and 2, seen; those of squares 0, not labelled.

    """

    image: RGBImage
    boxes: NDArray[np.float32]
    classes: NDArray[np.int64]
    points: NDArray[np.float32]


def drawn_shapes(seed: int, side: int = 96) -> Drawn:
    """Two discs and a square of 14 to 30 pixels, one in each of three quarters of the picture."""
    chance = np.random.default_rng(seed)
    image = chance.integers(40, 90, (side, side, 3)).astype(np.uint8)
    places = chance.permutation([[0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.75, 0.75]])[:3]
    classes = np.array([DISC, DISC, SQUARE])
    boxes, points = [], []
    for number, place in zip(classes, places, strict=True):
        radius = int(chance.integers(7, 16))
        x, y = (place * side + chance.integers(-5, 6, 2)).astype(int).tolist()
        if number == DISC:
            cv2.circle(image, (x, y), radius, (230, 190, 160), -1)
        else:
            corners = (x - radius, y - radius), (x + radius, y + radius)
            cv2.rectangle(image, *corners, (90, 160, 230), -1)
        spots = POINTS * radius + (x, y)
        if number == DISC:
            for spot in spots.round().astype(int).tolist():
                cv2.circle(image, spot, 1, (20, 20, 20), -1)
        boxes.append([x - radius - 0.5, y - radius - 0.5, x + radius + 0.5, y + radius + 0.5])
        points.append(np.column_stack([spots, np.full(5, 2 * (number == DISC))]))
    return Drawn(image, np.array(boxes, np.float32), classes, np.array(points, np.float32))
