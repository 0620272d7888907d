"""The protocol of renderers, which turn each frame of the stage into a picture."""

from __future__ import annotations

from typing import Protocol

from closeup.geometry import Size
from closeup.media.decoded_frame import DecodedFrame
from closeup.media.planes import Planes


class FrameRenderer(Protocol):
    """Makes the pictures of one output video.

    A renderer is used by one thread only, but several renderers read the same frame at once.
    """

    @property
    def size(self) -> Size:
        """Size of every picture in pixels; both sides are even."""
        ...

    def __len__(self) -> int:
        """Number of frames of the stage video."""
        ...

    def shows(self, index: int) -> bool:
        """Whether frame ``index`` has a picture; if not, the frame and its sound are left out."""
        ...

    def draw(self, frame: DecodedFrame, canvas: Planes) -> None:
        """Fill ``canvas``, which is of :attr:`size`, for this frame."""
        ...
