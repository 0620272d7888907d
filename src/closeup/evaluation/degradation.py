"""Worse copies of a photo: as a messenger or a camera far away would have made it."""

from __future__ import annotations

from io import BytesIO

import cv2
import numpy as np
from PIL import Image

from closeup.frames import RGBImage
from closeup.media.images import encode_jpeg


def recompressed(image: RGBImage, quality: int) -> RGBImage:
    """The picture after one more JPEG of ``quality`` 1–100; the same shape (H, W, 3)."""
    return np.array(Image.open(BytesIO(encode_jpeg(image, quality))), np.uint8)


def shrunk(image: RGBImage, scale: float) -> RGBImage:
    """The picture at ``scale`` times its size, averaged over areas; never enlarged."""
    if scale >= 1:
        return image
    height, width = (max(1, round(side * scale)) for side in image.shape[:2])
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
