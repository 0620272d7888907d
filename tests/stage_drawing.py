"""A stage of two brightnesses, and what a picture makes of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from closeup.camera_path import CameraPath, View
from closeup.fancam.rendering.picture import FrameRenderer
from closeup.geometry import Size
from closeup.media.decoded_frame import DecodedFrame
from closeup.media.planes import Planes
from closeup.media.video_reader import open_video
from tests.filming import film

STAGE = Size(192, 108)


def stage_frame(folder: Path) -> DecodedFrame:
    """A decoded frame of a dim grey stage with a bright left third."""
    picture = np.full((STAGE.height, STAGE.width, 3), 80, np.uint8)
    picture[:, :64] = 200
    with open_video(film(folder / "s.mkv", [picture], codec="ffv1")) as video:
        return next(iter(video.frames()))


def levels(frame: DecodedFrame) -> tuple[int, int]:
    """Luma of the bright and the dim part."""
    return int(frame.planes.y[50, 20]), int(frame.planes.y[50, 150])


def canvas(size: Size) -> Planes:
    half = size.height // 2, size.width // 2
    return Planes(
        np.zeros((size.height, size.width), np.uint8),
        np.zeros(half, np.uint8),
        np.zeros(half, np.uint8),
    )


def drawn(picture: FrameRenderer, frame: DecodedFrame) -> Planes:
    planes = canvas(picture.size)
    picture.draw(frame, planes)
    return planes


def still_path(
    size: Size, x: float, y: float, height: float, view: View = View.CLOSE
) -> CameraPath:
    return CameraPath(size, np.array([[x, y, height]]), np.array([view], np.uint8))
