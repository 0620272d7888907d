"""Pictures as the encoder reads them: one luma plane and two half-size chroma planes."""

from __future__ import annotations

from typing import NamedTuple, cast

import av
import cv2
import numpy as np
from av.video.plane import VideoPlane
from numpy.typing import NDArray

from closeup.geometry import Size

Plane = NDArray[np.uint8]
"""One component of a picture; shape (h, w)."""


class Planes(NamedTuple):
    """A yuv420p picture, 8 bits.

    Attributes:
        y: Luma, shape (H, W).
        u: Blue difference, shape (⌈H/2⌉, ⌈W/2⌉). Sample (r, c) lies on luma column 2·c and
            between the luma rows 2·r and 2·r + 1, H.264's default.
        v: Red difference, like ``u``.

    """

    y: Plane
    u: Plane
    v: Plane

    @classmethod
    def of(cls, picture: av.VideoFrame) -> Planes:
        """Views of a yuv420p or yuvj420p picture without a copy; writable if the picture is."""
        return cls(*(_view(plane) for plane in picture.planes))

    @property
    def size(self) -> Size:
        """Size of the luma plane."""
        return Size.of(self.y)

    def part(self, x: int, y: int, size: Size) -> Planes:
        """A view of a rectangle.

        Raises:
            ValueError: ``x`` or ``y`` is odd, so that no chroma sample starts there.

        """
        if x % 2 or y % 2:
            raise ValueError(f"a part must start at even coordinates, got {x}, {y}")
        rows, columns = -(-size.height // 2), -(-size.width // 2)
        return Planes(
            self.y[y : y + size.height, x : x + size.width],
            self.u[y // 2 : y // 2 + rows, x // 2 : x // 2 + columns],
            self.v[y // 2 : y // 2 + rows, x // 2 : x // 2 + columns],
        )


def _view(plane: VideoPlane) -> Plane:
    buffer = cast("memoryview[int]", plane)  # PyAV's stubs omit the buffer protocol
    rows: Plane = np.frombuffer(buffer, np.uint8).reshape(-1, plane.line_size)
    return rows[: plane.height, : plane.width]


class Halvings:
    """A plane in smaller sizes, for which it is halved as often as possible; halves are kept.

    Each pixel of a half is the mean of four, so no pixel is skipped, and a bilinear step leads from
    the nearest larger half to the size. Two sizes take hardly longer than the larger of them, while
    averaging over areas of any other size takes several times as long for each.

    Args:
        plane: One component of a picture, not copied.

    """

    def __init__(self, plane: Plane) -> None:
        self._levels = [plane]

    def shrunk(self, size: Size) -> Plane:
        """The plane in a size that is not larger in either direction; shape (h, w), uint8."""
        place, level = 0, self._levels[0]
        while _holds(half := _half(level), size) and level.size > 1:
            place += 1
            if place == len(self._levels):
                self._levels.append(_resized(level, half, cv2.INTER_AREA))
            level = self._levels[place]
        if Size.of(level) == size:
            return level
        uneven = level.shape[1] > 2 * size.width or level.shape[0] > 2 * size.height
        return _resized(level, size, cv2.INTER_AREA if uneven else cv2.INTER_LINEAR)


def _half(plane: Plane) -> Size:
    """Half the size of a plane; odd sides are rounded up, as those of chroma planes are."""
    return Size(-(-plane.shape[1] // 2), -(-plane.shape[0] // 2))


def _holds(outer: Size, inner: Size) -> bool:
    return outer.width >= inner.width and outer.height >= inner.height


def _resized(plane: Plane, size: Size, interpolation: int) -> Plane:
    return np.asarray(cv2.resize(plane, size, interpolation=interpolation), np.uint8)
