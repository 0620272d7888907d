"""Cuts head and shoulders out of a photo."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.errors import ImageError
from closeup.frames import RGBImage
from closeup.geometry import Box
from closeup.synthesis.portraits import Portrait
from closeup.synthesis.sprites import Sprite, premultiplied

FACE_HEIGHT = 144
"""Default height of the face in a cut-out, in pixels."""

_LEFT, _TOP, _RIGHT, _BOTTOM = 1.5, 1.3, 1.5, 1.6
"""Extent of a cut-out from the middle of the face, in face heights."""

_SMALLEST_FACE = 24


def cut_out(image: RGBImage, face: Box, height: int = FACE_HEIGHT) -> Sprite:
    """Cut out head and shoulders, with soft transparency around them.

    The segmentation is GrabCut (Rother, Kolmogorov and Blake 2004) with the face as certain
    foreground, head and shoulders as probable foreground and the borders as background.

    Args:
        image: RGB uint8 of shape (H, W, 3).
        face: Tight xyxy box from hairline to chin, in pixels of ``image``.
        height: Height of the face in the sprite, in pixels; the time grows with its square.

    Returns:
        A sprite whose face has that height.

    Raises:
        ImageError: the face is outside the picture, or too small to cut out.

    """
    checked = Portrait(image, face)
    if face.height < _SMALLEST_FACE:
        raise ImageError(
            f"the face is {face.height:.0f} px high; "
            f"give a portrait with a face of at least {_SMALLEST_FACE} px"
        )
    picture, moved = _framed(checked, height)
    alpha = _feathered(_largest_part(_segmented(picture, moved), height), height)
    return Sprite(premultiplied(picture, alpha), moved)


def _framed(photo: Portrait, face_height: int) -> tuple[RGBImage, Box]:
    """Return the part around the face, scaled to that face height, and the face's box in it."""
    unit = photo.face.height
    x, y = photo.face.centre
    height, width = photo.image.shape[:2]
    left, top = max(0, round(x - _LEFT * unit)), max(0, round(y - _TOP * unit))
    right, bottom = min(width, round(x + _RIGHT * unit)), min(height, round(y + _BOTTOM * unit))
    part = photo.image[top:bottom, left:right]
    scale = face_height / unit
    size = (round(part.shape[1] * scale), round(part.shape[0] * scale))
    kind = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    scaled = np.asarray(cv2.resize(part, size, interpolation=kind), np.uint8)
    across, down = size[0] / part.shape[1], size[1] / part.shape[0]
    face = Box(
        (photo.face.x1 - left + 0.5) * across - 0.5,
        (photo.face.y1 - top + 0.5) * down - 0.5,
        (photo.face.x2 - left + 0.5) * across - 0.5,
        (photo.face.y2 - top + 0.5) * down - 0.5,
    )
    return scaled, face


def _segmented(picture: RGBImage, face: Box) -> NDArray[np.uint8]:
    """Return 255 for GrabCut's foreground, else 0; uint8 of shape (h, w)."""
    labels = _seed(picture.shape[0], picture.shape[1], face)
    # GrabCut's k-means uses OpenCV's global random generator.
    cv2.setRNGSeed(0)
    background, person = np.zeros((1, 65)), np.zeros((1, 65))
    bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    whole = (0, 0, picture.shape[1], picture.shape[0])
    cv2.grabCut(bgr, labels, whole, background, person, 4, cv2.GC_INIT_WITH_MASK)
    chosen = (labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)
    return np.where(chosen, np.uint8(255), np.uint8(0))


def _seed(height: int, width: int, face: Box) -> NDArray[np.uint8]:
    """Return the initial GrabCut labels; shape (height, width)."""
    unit = face.height
    x, y = face.centre
    labels = np.full((height, width), cv2.GC_BGD, np.uint8)

    def ellipse(dx: float, dy: float, rx: float, ry: float, label: int) -> None:
        middle = (round(x + dx * unit), round(y + dy * unit))
        cv2.ellipse(labels, middle, (round(rx * unit), round(ry * unit)), 0, 0, 360, label, -1)

    ellipse(0, -0.12, 0.74, 0.98, cv2.GC_PR_BGD)
    ellipse(0, 1.75, 1.75, 1.15, cv2.GC_PR_BGD)
    ellipse(0, -0.1, 0.55, 0.75, cv2.GC_PR_FGD)
    ellipse(0, 1.75, 1.35, 0.95, cv2.GC_PR_FGD)
    ellipse(0, -0.08, 0.4, 0.6, cv2.GC_FGD)
    throat = (round(x - 0.2 * unit), round(y + 0.35 * unit))
    collar = (round(x + 0.2 * unit), round(y + 0.8 * unit))
    cv2.rectangle(labels, throat, collar, cv2.GC_FGD, -1)
    return labels


def _largest_part(mask: NDArray[np.uint8], face_height: int) -> NDArray[np.uint8]:
    """Return the largest connected part without thin spurs and holes; shape (h, w)."""
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (face_height // 9, face_height // 9))
    opened = cv2.morphologyEx(mask, cv2.MORPH_OPEN, brush)
    _, parts, figures, _ = cv2.connectedComponentsWithStats(opened)
    largest = 1 + int(np.argmax(figures[1:, cv2.CC_STAT_AREA]))
    alone = np.where(parts == largest, np.uint8(255), np.uint8(0))
    outlines, _ = cv2.findContours(alone, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return np.asarray(cv2.drawContours(alone, outlines, -1, 255, -1), np.uint8)


def _feathered(mask: NDArray[np.uint8], face_height: int) -> NDArray[np.uint8]:
    """Smooth and soften the jagged edge of the mask; shape (h, w)."""
    smooth = cv2.GaussianBlur(mask, (0, 0), face_height / 48)
    # The background's colour bleeds into the outermost pixels, so the edge moves inward.
    lifted = (smooth.astype(np.float32) - 110) * (255 / 100)
    width = math.ceil(face_height / 48) | 1
    soft = cv2.GaussianBlur(np.clip(lifted, 0, 255).astype(np.uint8), (width, width), 0)
    return np.asarray(soft, np.uint8)
