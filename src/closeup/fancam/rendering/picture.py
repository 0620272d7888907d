"""What can be rendered: anything that turns a frame of the stage into a picture of its own."""

from __future__ import annotations

from typing import Protocol

from closeup.geometry import Size
from closeup.media.decoded_frame import DecodedFrame
from closeup.media.planes import Planes


class FrameRenderer(Protocol):
    """Makes the pictures of one output video.

    Each is used by one thread only, but many of them read the same frame at once.
    """

    @property
    def size(self) -> Size:
        """Size of every picture, even in both directions."""
        ...

    def __len__(self) -> int:
        """Frames of the stage video that it knows about."""
        ...

    def shows(self, index: int) -> bool:
        """Whether frame ``index`` has a picture; where not, it and its sound are left out."""
        ...

    def draw(self, frame: DecodedFrame, canvas: Planes) -> None:
        """Fill ``canvas``, which is of :attr:`size`, for this frame."""
        ...
