"""Where a picture lies on the screen: zoom, pan, and coordinates of both."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.labels import Box, Point
from closeup.landmarks.warping import warped
from closeup.similarity import Similarity

_MOST = 64.0
"""Largest number of screen pixels a pixel of the picture."""
_SHARP = 3.0
"""Zoom from which single pixels are shown as squares, for work below a pixel."""
_GREY = (48, 48, 48)


@dataclass(frozen=True, slots=True)
class ScreenView:
    """A picture on a screen; in both a pixel's centre has integer coordinates.

    Attributes:
        scale: Screen pixels a pixel of the picture.
        left: Distance from the screen's left edge to the picture's, in screen pixels; negative if
            the picture begins outside.
        top: The same from the upper edge.

    """

    scale: float
    left: float
    top: float

    @classmethod
    def fitted(cls, picture: Size, screen: Size) -> ScreenView:
        """The whole picture in the middle of the screen, as large as it fits."""
        scale = min(
            _MOST, max(screen.width, 1) / picture.width, max(screen.height, 1) / picture.height
        )
        left, top = ((screen[i] - scale * picture[i]) / 2 for i in (0, 1))
        return cls(scale, left, top)

    @classmethod
    def around(cls, box: Box, screen: Size, share: float) -> ScreenView:
        """A part of the picture in the middle of the screen, filling ``share`` of a side of it."""
        width, height = max(box[2] - box[0], 1e-3), max(box[3] - box[1], 1e-3)
        scale = min(_MOST, share * min(screen.width / width, screen.height / height))
        middle = (box[0] + box[2] + 1) / 2, (box[1] + box[3] + 1) / 2
        return cls(
            scale, screen.width / 2 - scale * middle[0], screen.height / 2 - scale * middle[1]
        )

    def to_screen(self, point: Point) -> Point:
        """The place on the screen of a point of the picture."""
        x, y = point
        return (
            self.scale * (x + 0.5) + self.left - 0.5,
            self.scale * (y + 0.5) + self.top - 0.5,
        )

    def to_picture(self, point: Point) -> Point:
        """The point of the picture at a place on the screen."""
        x, y = point
        return (
            (x + 0.5 - self.left) / self.scale - 0.5,
            (y + 0.5 - self.top) / self.scale - 0.5,
        )

    def zoomed(self, factor: float, at: Point, least: float) -> ScreenView:
        """The view with another scale; what lies at the place ``at`` of the screen stays there.

        Args:
            factor: By which the scale is multiplied.
            at: Place on the screen, such as the pointer's.
            least: Smallest scale; the largest one is 64.

        """
        scale = min(max(self.scale * factor, least), max(_MOST, least))
        x, y = self.to_picture(at)
        return ScreenView(scale, at[0] + 0.5 - scale * (x + 0.5), at[1] + 0.5 - scale * (y + 0.5))

    def moved(self, right: float, down: float) -> ScreenView:
        """The view with the picture moved by screen pixels."""
        return ScreenView(self.scale, self.left + right, self.top + down)

    def kept(self, picture: Size, screen: Size) -> ScreenView:
        """The view moved so that the middle of the screen shows a part of the picture."""
        left, top = (
            min(max(at, screen[i] / 2 - self.scale * picture[i]), screen[i] / 2)
            for i, at in enumerate((self.left, self.top))
        )
        return ScreenView(self.scale, left, top)

    @property
    def similarity(self) -> Similarity:
        """The transform from the picture to the screen."""
        x, y = self.to_screen((0.0, 0.0))
        return Similarity(np.array([[self.scale, 0, x], [0, self.scale, y]], np.float64))

    def shown(self, image: RGBImage, screen: Size) -> RGBImage:
        """The picture as the screen shows it, grey around it.

        Args:
            image: (H, W, 3) RGB uint8.
            screen: Size of the result.

        Returns:
            (screen.height, screen.width, 3) RGB uint8. Reduced pictures are averaged, and those
            that are enlarged by 3 or more show their pixels as squares.

        """
        if self.scale < _SHARP:
            return warped(image, self.similarity, screen, fill=_GREY)
        canvas = cv2.warpAffine(
            image, self.similarity.matrix, screen, flags=cv2.INTER_NEAREST, borderValue=_GREY
        )
        return np.asarray(canvas, np.uint8)
