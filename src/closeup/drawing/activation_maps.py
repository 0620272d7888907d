"""Class activation maps over pictures that a network read: warm for a class, cool against it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.drawing.colours import Colour
from closeup.frames import RGBImage
from closeup.geometry import Size

WARM: Colour = (255, 96, 24)
"""Colour of values above 0: evidence for the class."""
COOL: Colour = (40, 120, 255)
"""Colour of values below 0: evidence against it."""

_OPACITY = 0.72
"""Share of the colour at the ends of the scale, so that the picture stays visible below."""
_NEUTRAL: Colour = (112, 112, 112)
"""The middle of the scale bar; over a picture the middle is transparent."""


def with_activation_map(image: RGBImage, values: NDArray[np.floating], limit: float) -> RGBImage:
    """A copy of a picture with a map over it, transparent where the map is 0.

    Args:
        image: (H, W, 3) RGB uint8.
        values: (h, w), finite; the map covers the whole picture, and is interpolated linearly
            between the centres of its cells.
        limit: Absolute value with the full colour, above 0; larger values look the same.

    """
    size = image.shape[1], image.shape[0]
    over = cv2.resize(values.astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
    return _tinted(image, over / np.float32(limit), _OPACITY)


def scale_bar(size: Size) -> RGBImage:
    """The colours of a map from its lowest value, at the left, over 0 to its highest."""
    paper = np.full((size.height, size.width, 3), _NEUTRAL, np.uint8)
    steps = np.linspace(-1, 1, size.width, dtype=np.float32)
    return _tinted(paper, np.broadcast_to(steps, (size.height, size.width)), 1.0)


def _tinted(image: RGBImage, strength: NDArray[np.float32], opacity: float) -> RGBImage:
    """Blend with the warm or cool colour by a strength from -1 to 1, clipped."""
    share = np.minimum(np.abs(strength), 1)[..., None] * np.float32(opacity)
    colour = np.where(strength[..., None] > 0, np.array(WARM), np.array(COOL))
    return np.asarray(np.rint(image * (1 - share) + colour * share), np.uint8)
