"""Pictures of single heads, turned upright."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.landmarks.warping import warped
from closeup.similarity import Similarity


class Levelled(NamedTuple):
    """A square part of a picture that was turned.

    Attributes:
        pixels: (side, side, 3) RGB uint8.
        similarity: From the picture's pixels to its own; pixel centres at integer coordinates.

    """

    pixels: RGBImage
    similarity: Similarity


def levelled(
    image: RGBImage, centre: NDArray[np.floating], width: float, degrees: float, side: int
) -> Levelled:
    """Turn the surroundings of a head anticlockwise, so that a head of that roll is upright.

    Beyond the picture its border is repeated.

    Args:
        image: (H, W, 3) RGB uint8, not empty.
        centre: (2,) x and y that become the middle of the result.
        width: Side of the part that is shown, in pixels of the picture, above 0.
        degrees: Clockwise rotation of the head from upright.
        side: Side of the result in pixels.

    """
    scale, angle = side / width, math.radians(degrees)
    across, down = scale * math.cos(angle), scale * math.sin(angle)
    linear = np.array([[across, down], [-down, across]])
    middle = np.full(2, (side - 1) / 2)
    similarity = Similarity(np.column_stack([linear, middle - linear @ np.asarray(centre)]))
    return Levelled(warped(image, similarity, Size(side, side), fill=None), similarity)
