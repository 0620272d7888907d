"""One picture of a video with its time; pixels are converted only when needed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.geometry import Size
from closeup.timecode import Timecode

RGBImage = NDArray[np.uint8]
"""Red, green, blue; uint8 of shape (H, W, 3)."""

GrayImage = NDArray[np.uint8]
"""Luma; uint8 of shape (H, W)."""


class Frame(Protocol):
    """One picture of a video.

    A decoder's frame implements this protocol, so that a small grey picture is computed without
    a full conversion to colour.
    """

    @property
    def index(self) -> int:
        """Number in the range that is read, from 0."""
        ...

    @property
    def timecode(self) -> Timecode:
        """Presentation time."""
        ...

    @property
    def size(self) -> Size:
        """Size as shown, in pixels, after rotation."""
        ...

    def rgb(self, size: Size | None = None) -> RGBImage:
        """The picture in colour, resized to ``size`` if given; shape (H, W, 3)."""
        ...

    def gray(self, size: Size | None = None) -> GrayImage:
        """The picture in grey, resized to ``size`` if given; shape (H, W)."""
        ...


@dataclass(frozen=True, slots=True)
class ArrayFrame:
    """A :class:`Frame` over an RGB array of shape (H, W, 3)."""

    index: int
    timecode: Timecode
    pixels: RGBImage

    @property
    def size(self) -> Size:
        """Size of the array."""
        return Size.of(self.pixels)

    def rgb(self, size: Size | None = None) -> RGBImage:
        """The array itself, or a resized copy; shape (H, W, 3)."""
        if size is None or size == self.size:
            return self.pixels
        return np.asarray(cv2.resize(self.pixels, size, interpolation=cv2.INTER_AREA), np.uint8)

    def gray(self, size: Size | None = None) -> GrayImage:
        """BT.601 luma of :meth:`rgb`; shape (H, W)."""
        return np.asarray(cv2.cvtColor(self.rgb(size), cv2.COLOR_RGB2GRAY), np.uint8)
