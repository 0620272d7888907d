"""Worse copies of a photo: as a messenger or a camera far away would have made it."""

from __future__ import annotations

from io import BytesIO

import cv2
import numpy as np
from PIL import Image

from closeup.frames import RGBImage
from closeup.media.images import encode_jpeg

_HEIGHTS = (24.0, 110.0)
"""Of faces on a stage, in pixels."""


def recompressed(image: RGBImage, quality: int) -> RGBImage:
    """The picture after one more JPEG of ``quality`` 1–100; the same shape (H, W, 3)."""
    return np.array(Image.open(BytesIO(encode_jpeg(image, quality))), np.uint8)


def shrunk(image: RGBImage, scale: float) -> RGBImage:
    """The picture at ``scale`` times its size, averaged over areas; never enlarged."""
    if scale >= 1:
        return image
    height, width = (max(1, round(side * scale)) for side in image.shape[:2])
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def seen_from_afar(
    image: RGBImage, height: float, random: np.random.Generator
) -> tuple[RGBImage, float]:
    """The photo as a camera far from a stage sees it: small, dark, noisy, blurred, compressed.

    Args:
        image: The photo, RGB uint8 (H, W, 3).
        height: Of the face in it, in pixels.
        random: Decides how bad it becomes: a face of 24 to 110 pixels, half of them blurred by up
            to a pixel, half to one and a fifth as bright, noise of 3 grey levels, JPEG of 40 to 89.

    Returns:
        The picture, and its size as a share of the photo's.

    """
    wanted = float(np.exp(random.uniform(*np.log(_HEIGHTS))))
    scale = min(1.0, wanted / height)
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    if random.random() < 0.5:
        small = cv2.GaussianBlur(small, (0, 0), random.uniform(0.3, 1.0))
    noisy = small * random.uniform(0.5, 1.2) + random.normal(0, 3, small.shape)
    pixels = np.clip(noisy, 0, 255).astype(np.uint8)
    return recompressed(pixels, int(random.integers(40, 90))), scale
