"""Concealing of faces: an ellipse that holds the head is replaced by a few smooth or plain blocks.

Both the effects and the close-ups of ``closeup fancam --blur-others`` conceal faces, the former in
RGB, the latter in the planes of a video.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.geometry import Size, boxes_around, centres_of, sides_of

WIDER, HIGHER = 1.5, 1.55
"""Sides of the concealed ellipse, in sides of the face's box: hair and chin are concealed, too."""
_PLAIN, _SMOOTH = 7, 4
"""Blocks along the longer side of a face that is left, too few to recognise a person by; blended
blocks keep more of a face than plain ones of the same size."""
_SHAPE = 0.75
"""Width of a face in its heights."""
_EDGE = 0.01
"""Distance from the picture's edge, in its longer sides, up to which a box counts as cut there."""
_GROWTH = 0.6
"""Growth of the box of a face that is not found, in its sides a second."""


def grown(boxes: NDArray[np.float32], seconds: NDArray[np.floating] | float) -> NDArray[np.float32]:
    """Boxes of faces that are not found, larger the longer ago they were found.

    Args:
        boxes: (n, 4) or (4,), xyxy.
        seconds: Time since each was found, or until it is found; shape (n,), or one number.

    """
    growth = 1 + np.float32(_GROWTH) * np.asarray(seconds, np.float32)[..., None]
    return np.asarray(boxes_around(centres_of(boxes), sides_of(boxes) / 2 * growth), np.float32)


def uncut(boxes: NDArray[np.float32], size: Size) -> NDArray[np.float32]:
    """Extend boxes that the picture's edge cuts to a face's shape, beyond the edge.

    The ellipse of the visible part alone would leave its corners at the edge.

    Args:
        boxes: (n, 4), xyxy.
        size: Size of the picture that they belong to.

    """
    near = _EDGE * max(size)
    width, height = np.moveaxis(sides_of(boxes), -1, 0)
    x1, y1, x2, y2 = np.moveaxis(boxes, -1, 0)
    whole = [
        np.where(x1 <= near, np.minimum(x1, x2 - _SHAPE * height), x1),
        np.where(y1 <= near, np.minimum(y1, y2 - width / _SHAPE), y1),
        np.where(x2 >= size.width - near, np.maximum(x2, x1 + _SHAPE * height), x2),
        np.where(y2 >= size.height - near, np.maximum(y2, y1 + width / _SHAPE), y2),
    ]
    return np.stack(whole, axis=-1).astype(np.float32)


def conceal(pixels: NDArray[np.uint8], box: NDArray[np.floating], *, smooth: bool) -> None:
    """Conceal the ellipse around a face: each block becomes its mean.

    Args:
        pixels: Picture of shape (H, W) or (H, W, 3), which is changed.
        box: (4,) the face, xyxy in its pixels, whose centres are at integers; it may lie outside.
        smooth: Whether the blocks are blended into each other.

    """
    centre, half = centres_of(box), sides_of(box) * (WIDER, HIGHER) / 2
    if not (half > 0).all():
        return
    size = np.array(pixels.shape[1::-1])
    x1, y1 = np.clip(np.floor(centre - half), 0, size).astype(int).tolist()
    x2, y2 = np.clip(np.ceil(centre + half) + 1, 0, size).astype(int).tolist()
    target = pixels[y1:y2, x1:x2]
    if not target.size:
        return
    height, width = target.shape[:2]
    block = max(2.0, float(sides_of(box).max()) / (_SMOOTH if smooth else _PLAIN))
    few = max(1, round(width / block)), max(1, round(height / block))
    small = cv2.resize(target, few, interpolation=cv2.INTER_AREA)
    enlarging = cv2.INTER_CUBIC if smooth else cv2.INTER_NEAREST
    plain = cv2.resize(small, (width, height), interpolation=enlarging)
    across = (np.arange(x1, x2) - centre[0]) / half[0]
    down = (np.arange(y1, y2) - centre[1]) / half[1]
    inside = across**2 + (down**2)[:, None] <= 1
    target[inside] = plain[inside]
