"""Masks over pictures: one colour for a mask of one class, a colour map for several values."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.drawing.colours import Colour, distinct_colour
from closeup.drawing.marks import PLAIN
from closeup.frames import RGBImage

MaskImage = NDArray[np.uint8] | NDArray[np.uint16]
"""(H, W); 0 is the background, every other value a class."""

RGBAImage = NDArray[np.uint8]
"""(H, W, 4); red, green, blue, and 255 where a pixel is of a class."""

_FEW = 24
"""Values that get colours of their own; more are a scale, as of depths or probabilities."""


def coloured(mask: MaskImage) -> RGBAImage:
    """The mask in colours, transparent where it is 0.

    A mask with one value besides 0 is green, whichever value that is. Up to 24 values get a
    distinct colour each, which depends on the value alone, so that a class has one colour in all
    pictures. More values are mapped by Google's Turbo colour map from the smallest to the largest.
    """
    present = np.flatnonzero(np.bincount(mask.reshape(-1)))
    classes = present[present > 0]
    colours = np.zeros((int(mask.max(initial=0)) + 1, 4), np.uint8)
    colours[classes, 3] = 255
    if len(classes) <= 1:
        colours[classes, :3] = PLAIN
    elif len(classes) <= _FEW:
        colours[classes, :3] = [class_colour(int(value)) for value in classes]
    else:
        scale = np.interp(classes, (classes[0], classes[-1]), (0, 255)).round().astype(np.uint8)
        turbo = cv2.applyColorMap(scale[:, None], cv2.COLORMAP_TURBO)
        colours[classes, :3] = turbo[:, 0, ::-1]
    return np.asarray(colours[mask], np.uint8)


def blended(image: RGBImage, overlay: RGBAImage, opacity: float) -> RGBImage:
    """A copy of a picture with a coloured mask over it.

    Args:
        image: (H, W, 3) RGB uint8.
        overlay: (H, W, 4), as :func:`coloured` makes it.
        opacity: Share of the mask's colour, from 0 to 1.

    """
    share = overlay[..., 3:] * np.float32(opacity / 255)
    mixed = image * (1 - share) + overlay[..., :3] * share
    return np.asarray(np.rint(mixed), np.uint8)


def class_colour(value: int) -> Colour:
    """The colour of a class in masks of several classes, the same in all of them."""
    return distinct_colour(value - 1)
