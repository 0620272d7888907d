"""A picture of one eye in the plane of the face, in which effects work, and its way back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.effects.eye_opening import EyeOpening, Values
from closeup.effects.warping import Part
from closeup.frames import RGBImage

Colours = NDArray[np.floating]
"""RGB from 0 to 255 for each pixel, (h, w, 3)."""

_DENSITY = 1.15
"""Pixels of the view per pixel of the picture: little is lost on the way there and back."""
_REACH = np.array([0.28, 0.2])
"""Half of its width and height, in eye distances."""


@dataclass(frozen=True, eq=False)
class FrontalView:
    """A grid of places in the plane of the face, around the middle of an eye.

    Attributes:
        density: Its pixels per eye distance.
        linear: (2, 2) matrix from the plane to pixels of the picture.
        middle: (2,) of the eye in the picture.

    """

    density: float
    linear: NDArray[np.float64]
    middle: NDArray[np.float64]

    @classmethod
    def of(cls, eye: EyeOpening) -> FrontalView:
        """The view of an eye."""
        return cls(_DENSITY * eye.scale, eye.linear, eye.middle)

    @cached_property
    def size(self) -> tuple[int, int]:
        """Width and height in its pixels."""
        width, height = (2 * np.ceil(_REACH * self.density) + 1).astype(int).tolist()
        return width, height

    @cached_property
    def x(self) -> Values:
        """Places of its pixels across, in eye distances; (1, w)."""
        width = self.size[0]
        return np.asarray((np.arange(width) - width // 2) / self.density, np.float32)[None]

    @cached_property
    def y(self) -> Values:
        """Places of its pixels down; (h, 1)."""
        height = self.size[1]
        return np.asarray((np.arange(height) - height // 2) / self.density, np.float32)[:, None]

    @cached_property
    def matrix(self) -> NDArray[np.float64]:
        """(2, 3) from its pixels to those of the picture."""
        width, height = self.size
        linear = self.linear / self.density
        return np.column_stack([linear, self.middle - linear @ (width // 2, height // 2)])

    def read(self, image: RGBImage) -> Colours:
        """The part of a picture, RGB uint8 of shape (H, W, 3), that it shows."""
        way = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        drawn = cv2.warpAffine(
            image, self.matrix, self.size, flags=way, borderMode=cv2.BORDER_REPLICATE
        )
        return drawn.astype(np.float32)

    def returned(self, change: Colours, part: Part) -> Colours:
        """What its pixels (h, w, 3) are in a part of the picture."""
        matrix = self.matrix.copy()
        matrix[:, 2] -= part.columns.start, part.rows.start
        size = part.columns.stop - part.columns.start, part.rows.stop - part.rows.start
        back = cv2.warpAffine(change.astype(np.float32), matrix, size, flags=cv2.INTER_CUBIC)
        return np.asarray(back, np.float32)

    def distance(self, centre: NDArray[np.float64]) -> Values:
        """Distance of its pixels (h, w) from a place (2,), in eye distances."""
        return np.asarray(np.hypot(self.x - np.float32(centre[0]), self.y - np.float32(centre[1])))

    def sampled(self, colours: Colours, x: Values, y: Values) -> Colours:
        """Pixels at places in eye distances that broadcast to (h, w)."""
        width, height = self.size
        across = np.broadcast_to(x * self.density + width // 2, (height, width))
        down = np.broadcast_to(y * self.density + height // 2, (height, width))
        drawn = cv2.remap(
            colours.astype(np.float32),
            across.astype(np.float32),
            down.astype(np.float32),
            cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return np.asarray(drawn, np.float32)


def ramp(values: Values, zero: float, one: float) -> Values:
    """0 at ``zero``, 1 at ``one`` and beyond, smooth in between."""
    share = np.clip((values - zero) / (one - zero), 0, 1)
    return np.asarray(share * share * (3 - 2 * share))
