"""The moving crop window of one member's video."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from closeup.geometry import Size


class View(IntEnum):
    """What one frame of a member's video shows."""

    SKIP = 0
    """No picture: the frame is left out (``--absent cut``)."""
    WIDE = 1
    """The whole stage, letterboxed over a blurred fill."""
    CLOSE = 2
    """The crop window."""


@dataclass(frozen=True, slots=True, eq=False)
class CameraPath:
    """One crop window a frame, in source pixels.

    Attributes:
        size: The output's size in pixels; every window has its aspect ratio.
        windows: (n, 3) float64 rows of centre x, centre y and height. The width is
            ``height × size.width / size.height``. Rows that are not CLOSE are ignored.
        views: (n,) uint8, values of :class:`View`.
        areas: (n, 4) float64 xyxy, the part of the stage that may be shown: the picture without
            its letterbox or pillarbox bars. None for the whole picture.

    """

    size: Size
    windows: NDArray[np.float64]
    views: NDArray[np.uint8]
    areas: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        if self.windows.shape != (len(self.views), 3):
            raise ValueError(
                f"windows must have shape {(len(self.views), 3)}, got {self.windows.shape}"
            )
        if self.areas is not None and self.areas.shape != (len(self.views), 4):
            raise ValueError(
                f"areas must have shape {(len(self.views), 4)}, got {self.areas.shape}"
            )

    @property
    def aspect(self) -> float:
        """Width over height of the output and of every window."""
        return self.size.width / self.size.height

    def boxes(self) -> NDArray[np.float64]:
        """The windows as xyxy in source pixels; shape (n, 4)."""
        half_height = self.windows[:, 2:] / 2
        half = np.hstack([half_height * self.aspect, half_height])
        return np.hstack([self.windows[:, :2] - half, self.windows[:, :2] + half])

    def __len__(self) -> int:
        return len(self.views)
