"""Rotation and mirroring of pictures, by the container's display matrix and by the user."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.geometry import Size
from closeup.rotation import ROTATIONS, checked_rotation

if TYPE_CHECKING:  # photos are rotated without loading FFmpeg
    import av

_DISPLAY_MATRIX = "DISPLAYMATRIX"
"""PyAV's name of the side data that hold a picture's rotation."""


class Orientation(NamedTuple):
    """A transposition followed by mirrorings: all eight orientations of a display matrix."""

    transposed: bool = False
    mirrored_x: bool = False
    mirrored_y: bool = False

    @classmethod
    def of(cls, picture: av.VideoFrame) -> Orientation:
        """Read the display matrix that the container stores for phone videos.

        The matrix (FFmpeg, ``libavutil/display.h``) sends a source point (p, q) to
        (a·p + c·q, b·p + d·q); only the signs matter for quarter turns.
        """
        data = picture.side_data.get(_DISPLAY_MATRIX)
        if data is None:
            return cls()
        buffer = cast("memoryview[int]", data)  # PyAV's stubs omit the buffer protocol
        matrix = np.frombuffer(buffer, np.int32)
        a, b, c, d = (int(matrix[i]) for i in (0, 1, 3, 4))
        if abs(b) > abs(a):
            return cls(True, c < 0, b < 0)
        return cls(False, a < 0, d < 0)

    def rotated(self, degrees: int) -> Orientation:
        """The orientation that shows the picture as this one does, and then rotates it.

        Args:
            degrees: One of :data:`closeup.rotation.ROTATIONS`, clockwise: with 90 the upper
                edge of the picture becomes the right edge.

        Raises:
            ValueError: the rotation is another one.

        """
        turned = self
        for _ in range(ROTATIONS.index(checked_rotation(degrees))):
            # A quarter turn clockwise is a transposition, which swaps the axes of the mirrorings
            # before it, and then a mirroring from left to right.
            turned = Orientation(not turned.transposed, not turned.mirrored_y, turned.mirrored_x)
        return turned

    def size(self, size: Size) -> Size:
        """The shown size of a stored picture, or the stored size of a shown one."""
        return Size(size.height, size.width) if self.transposed else size

    def apply(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Orient an array of shape (H, W) or (H, W, 3); the array itself if nothing changes."""
        if self.transposed:
            pixels = np.asarray(cv2.transpose(pixels), np.uint8)
        if self.mirrored_x or self.mirrored_y:
            axis = {(True, False): 1, (False, True): 0, (True, True): -1}
            flipped = cv2.flip(pixels, axis[self.mirrored_x, self.mirrored_y])
            pixels = np.asarray(flipped, np.uint8)
        return pixels


def rotate_image(image: NDArray[np.uint8], degrees: int) -> NDArray[np.uint8]:
    """A picture of shape (H, W) or (H, W, 3), rotated; the array itself if nothing changes.

    Args:
        image: The picture.
        degrees: One of :data:`closeup.rotation.ROTATIONS`, clockwise.

    Raises:
        ValueError: the rotation is another one.

    """
    return Orientation().rotated(degrees).apply(image)
