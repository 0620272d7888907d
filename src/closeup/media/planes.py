"""Pictures as the encoder reads them: one luma plane and two half-size chroma planes."""

from __future__ import annotations

from typing import NamedTuple, cast

import av
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
