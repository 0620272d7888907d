"""Eyes with a known pupil, drawn in a crop's scale."""

from __future__ import annotations

import cv2
import numpy as np

from closeup.frames import RGBImage
from closeup.pupils.eye_crops import CropShape, EyeCrop
from closeup.similarity import Similarity

UNIT = 110.0
SIZE = CropShape().size(100)


def drawn_eye(
    dx: float = 0.0, dy: float = -3.7, *, opening: float = 17.0, glint: bool = True
) -> EyeCrop:
    """An eye whose pupil is ``dx`` and ``dy`` pixels from the crop's middle.

    Its lids are at most ``opening`` pixels apart; 2 is a closed one.
    """
    width, height = SIZE
    x, y = (width - 1) / 2, (height - 1) / 2
    finer = 8
    skin, white, iris = (200, 160, 140), (225, 225, 225), (60, 45, 35)
    canvas = np.full((height * finer, width * finer, 3), skin, np.uint8)

    def at(px: float, py: float) -> tuple[int, int]:
        return round((px + 0.5) * finer), round((py + 0.5) * finer)

    lids = np.zeros(canvas.shape[:2], np.uint8)
    lens = (round(18 * finer), round(opening / 2 * finer))
    cv2.ellipse(lids, at(x, y - 3.7), lens, 0, 0, 360, 255, -1)
    eye = np.full_like(canvas, white)
    cv2.circle(eye, at(x + dx, y + dy), round(8 * finer), iris, -1)
    if glint:
        cv2.circle(eye, at(x + dx + 2, y + dy - 2), round(1.5 * finer), (255, 255, 255), -1)
    canvas[lids > 0] = eye[lids > 0]
    cv2.ellipse(canvas, at(x, y - 3.7), lens, 0, 180, 360, (70, 50, 40), 2 * finer)
    if opening < 4:
        cv2.line(canvas, at(x - 18, y - 3.7), at(x + 18, y - 3.7), (50, 35, 30), 3 * finer)
    pixels = cv2.resize(canvas, SIZE, interpolation=cv2.INTER_AREA)
    return as_crop(np.asarray(cv2.GaussianBlur(pixels, (0, 0), 1.5), np.uint8))


def pupil(dx: float, dy: float) -> tuple[float, float]:
    """Where :func:`drawn_eye` put it."""
    return (SIZE.width - 1) / 2 + dx, (SIZE.height - 1) / 2 + dy


def as_crop(pixels: RGBImage) -> EyeCrop:
    return EyeCrop(pixels, Similarity(np.eye(2, 3)), False, UNIT)
