"""One picture of a video with its place in time; pixels are converted only when asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.geometry import Size
from closeup.timecode import Timecode

RGBImage = NDArray[np.uint8]
"""Red, green, blue; shape (H, W, 3)."""

GrayImage = NDArray[np.uint8]
"""Luma; shape (H, W)."""


class Frame(Protocol):
    """One picture of a video.

    A decoder's own frame implements this too, so that a caller who needs a small grey
    picture never pays for a full one in colour.
    """

    @property
    def index(self) -> int:
        """Place in the range that is being read, from 0."""
        ...

    @property
    def timecode(self) -> Timecode:
        """When it is shown."""
        ...

    @property
    def size(self) -> Size:
        """Size as shown, rotation applied."""
        ...

    def rgb(self, size: Size | None = None) -> RGBImage:
        """The picture in colour, resized to ``size`` when given; shape (H, W, 3)."""
        ...

    def gray(self, size: Size | None = None) -> GrayImage:
        """The picture in grey, resized to ``size`` when given; shape (H, W)."""
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
