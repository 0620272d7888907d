"""Places a picture on a network's input canvas with its aspect ratio, and maps results back."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.frames import RGBImage
from closeup.geometry import Boxes, Size


@dataclass(frozen=True, slots=True)
class Letterbox:
    """The position of a picture on a canvas; all values in pixels.

    Attributes:
        picture: Size of the original picture.
        inner: Size of the picture on the canvas.
        canvas: Size of the canvas, at least ``inner``.
        left: Number of canvas columns left of the picture.
        top: Number of canvas rows above the picture.

    """

    picture: Size
    inner: Size
    canvas: Size
    left: int = 0
    top: int = 0

    @classmethod
    def centred(cls, picture: Size, canvas: Size) -> Letterbox:
        """Fit the picture as large as possible, centred; an odd pixel goes right or below."""
        inner = largest_inside(picture, canvas)
        left, top = (canvas.width - inner.width) // 2, (canvas.height - inner.height) // 2
        return cls(picture, inner, canvas, left, top)

    @classmethod
    def top_left(cls, picture: Size, canvas: Size) -> Letterbox:
        """Fit the picture as large as possible, in the top left corner."""
        return cls(picture, largest_inside(picture, canvas), canvas)

    def drawn(self, image: RGBImage, colour: tuple[int, int, int]) -> RGBImage:
        """Draw the picture on a canvas filled with ``colour`` (RGB); RGB uint8, shape (H, W, 3)."""
        right = self.canvas.width - self.left - self.inner.width
        bottom = self.canvas.height - self.top - self.inner.height
        edges = self.top, bottom, self.left, right
        picture = np.ascontiguousarray(resized(image, self.inner))
        drawn = cv2.copyMakeBorder(picture, *edges, cv2.BORDER_CONSTANT, value=colour)
        return np.asarray(drawn, np.uint8)

    def to_picture(self, points: NDArray[np.floating]) -> NDArray[np.float32]:
        """Map points (..., 2), x and y on the canvas, to the picture's pixels.

        Pixel centres have integer coordinates on both, so p becomes (p + ½)·scale - ½.
        """
        corner = np.array([self.left, self.top], np.float64)
        scale = np.array(self.picture, np.float64) / np.array(self.inner)
        return np.asarray((points - corner + 0.5) * scale - 0.5, np.float32)

    def boxes_to_picture(self, boxes: NDArray[np.floating]) -> Boxes:
        """Map boxes (n, 4) xyxy on the canvas to the picture's pixels, without clipping."""
        return self.to_picture(boxes.reshape(-1, 2, 2)).reshape(-1, 4)


def largest_inside(picture: Size, canvas: Size) -> Size:
    """Return the largest size of the picture's aspect ratio on the canvas; sides are at least 1."""
    scale = min(canvas.width / picture.width, canvas.height / picture.height)
    return Size(max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))


def resized(image: RGBImage, size: Size) -> RGBImage:
    """Resize the picture to ``size``; shape (H, W, 3)."""
    if Size.of(image) == size:
        return image
    shrinks_much = image.shape[1] > 2 * size.width or image.shape[0] > 2 * size.height
    # INTER_AREA costs five times as much and differs only where pixels would be skipped.
    method = cv2.INTER_AREA if shrinks_much else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, size, interpolation=method), np.uint8)
