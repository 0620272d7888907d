"""Rotated rectangles of label files, which have no place in an annotation but the box around them.

A reader keeps what the file says beside that box, and a writer writes it again while the box is
the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, radians, sin

from closeup.labels import Box, Point

_SAME = 1e-6
"""Pixels by which a box that nobody changed may differ from itself."""


def box_around(box: Box, degrees: float, pivot: Point) -> Box:
    """The box around a rotated rectangle.

    Args:
        box: The rectangle before its rotation.
        degrees: Rotation, clockwise.
        pivot: The point about which it is rotated.

    """
    along, across = cos(radians(degrees)), sin(radians(degrees))
    offsets = [(x - pivot[0], y - pivot[1]) for x in box[::2] for y in box[1::2]]
    xs = [pivot[0] + x * along - y * across for x, y in offsets]
    ys = [pivot[1] + x * across + y * along for x, y in offsets]
    return min(xs), min(ys), max(xs), max(ys)


def is_same_box(stated: Sequence[float], box: Box) -> bool:
    """Whether a box is still the one that a reader noted."""
    return len(stated) == len(box) and all(
        abs(one - other) < _SAME for one, other in zip(stated, box, strict=True)
    )
