"""Takes the pixels of a small part of a picture from other places."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.effects.face_shapes import Point
from closeup.frames import RGBImage

Places = NDArray[np.float64]
"""Places (h, w, 2), x and y in the picture's pixels, one for each pixel of a part."""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A rectangular part of a picture.

    Attributes:
        rows: Its rows.
        columns: Its columns.

    """

    rows: slice
    columns: slice

    @classmethod
    def around(cls, image: RGBImage, centre: Point, reach: float) -> Part:
        """The square of side ``2 reach`` around ``centre`` (2,), as far as it is in the picture."""
        height, width = image.shape[:2]
        left, top = np.floor(centre - reach).astype(int).tolist()
        right, bottom = (np.ceil(centre + reach).astype(int) + 1).tolist()
        return cls(
            slice(min(max(top, 0), height), min(max(bottom, 0), height)),
            slice(min(max(left, 0), width), min(max(right, 0), width)),
        )

    @property
    def empty(self) -> bool:
        """Whether no pixel of the picture is in it."""
        return bool(self.rows.start >= self.rows.stop or self.columns.start >= self.columns.stop)

    def axes(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The x (1, w) and the y (h, 1) of its pixels."""
        rows = np.arange(self.rows.start, self.rows.stop, dtype=np.float64)
        columns = np.arange(self.columns.start, self.columns.stop, dtype=np.float64)
        return columns[None], rows[:, None]

    def places(self) -> Places:
        """The centres of its pixels."""
        return np.stack(np.broadcast_arrays(*self.axes()), axis=-1)


def sampled(image: RGBImage, places: Places) -> NDArray[np.float32]:
    """Colours at places between pixels, by bicubic interpolation; float32 (h, w, 3), 0 to 255."""
    if not places.size:
        return np.zeros((*places.shape[:2], 3), np.float32)
    height, width = image.shape[:2]
    low = np.floor(places.reshape(-1, 2).min(axis=0)).astype(int) - 2
    high = np.ceil(places.reshape(-1, 2).max(axis=0)).astype(int) + 3
    low, high = np.clip(low, 0, (width - 1, height - 1)), np.clip(high, 1, (width, height))
    near = image[low[1] : high[1], low[0] : high[0]]
    across, down = np.moveaxis((places - low).astype(np.float32), -1, 0)
    drawn = cv2.remap(near, across, down, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(drawn, np.float32)


def warp(image: RGBImage, drawn: RGBImage, part: Part, mapping: Callable[[Places], Places]) -> None:
    """Displace the pixels of a part; those that the mapping leaves in place keep their values.

    Args:
        image: The picture, RGB uint8 of shape (H, W, 3).
        drawn: Picture of the same size, which is changed.
        part: The part.
        mapping: From places in the result to places in the source.

    """
    places = part.places()
    sources = mapping(places)
    moved = (np.abs(sources - places) > 1e-6).any(axis=-1)
    target = drawn[part.rows, part.columns]
    target[moved] = np.rint(sampled(image, sources)).astype(np.uint8)[moved]
