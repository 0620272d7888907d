"""Photos of people with known faces, and heads cut out of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.faces import Faces, Landmarks
from closeup.frames import RGBImage
from closeup.geometry import Box
from closeup.synthesis.cutout import cut_out
from closeup.synthesis.sprites import Sprite, premultiplied

_SEGMENTED = 40
"""Height of a face, in pixels, at which its outline is found: this takes a ninth of the time of
a stage figure's size, and the soft edge hides the difference."""


@dataclass(frozen=True, eq=False)
class Photo:
    """A photo and the faces in it.

    Attributes:
        image: RGB uint8 of shape (H, W, 3).
        faces: At least one, with landmarks, in pixels of the photo; the photo's subject is first.

    """

    image: RGBImage
    faces: Faces

    @property
    def points(self) -> Landmarks:
        """Landmarks of its faces; (n, 5, 2), pixels."""
        return _landmarks(self.faces)

    @property
    def face(self) -> Box:
        """Box of the photo's subject; xyxy, pixels."""
        x1, y1, x2, y2 = (float(value) for value in self.faces.boxes[0])
        return Box(x1, y1, x2, y2)

    @cached_property
    def outline(self) -> NDArray[np.uint8]:
        """Coverage of each pixel by the photo's subject, 0..255; uint8 of shape (H, W).

        Finding it takes most of a scene's time, so the result is cached.

        Raises:
            ImageError: the face is too small.

        """
        small = cut_out(self.image, self.face, _SEGMENTED)
        face, own = self.face, small.face
        across, down = face.width / own.width, face.height / own.height
        matrix = np.array(
            [[across, 0, face.x1 - own.x1 * across], [0, down, face.y1 - own.y1 * down]]
        )
        size = self.image.shape[1::-1]
        alpha = np.ascontiguousarray(small.pixels[..., 3])
        return np.asarray(cv2.warpAffine(alpha, matrix, size, flags=cv2.INTER_LINEAR), np.uint8)


class HeadOutline(Enum):
    """How a head is cut out; several ways, so that no kind of seam gives a face away."""

    SOFT = "soft"
    """Cut along hair, neck and shoulders, with a soft edge."""
    HARD = "hard"
    """Cut along the same outline with a hard edge, as with scissors."""
    OVAL = "oval"
    """A soft oval with some background."""
    FRAME = "frame"
    """The whole photo, as on a wall of pictures."""


@dataclass(frozen=True, slots=True, eq=False)
class HeadSprite:
    """A head or photo to paste into a scene.

    Attributes:
        sprite: The picture; its ``face`` is the box of the photo's subject.
        faces: All faces in it, with landmarks, in its pixels.

    """

    sprite: Sprite
    faces: Faces

    @property
    def points(self) -> Landmarks:
        """Landmarks of its faces; (n, 5, 2), pixels."""
        return _landmarks(self.faces)


def moved_to(faces: Faces, corner: NDArray[np.float32]) -> Faces:
    """Shift faces into a crop of their picture whose first pixel is at ``corner`` (2,), x and y."""
    boxes, points = faces.boxes - np.tile(corner, 2), _landmarks(faces) - corner
    return replace(faces, boxes=boxes, landmarks=points)


def _landmarks(faces: Faces) -> Landmarks:
    if faces.landmarks is None:
        raise ValueError("faces of scenes need landmarks; find them with a detector that gives any")
    return faces.landmarks


def cut_head(photo: Photo, edge: HeadOutline) -> HeadSprite:
    """Cut the head of the photo's subject out; a frame has all faces of the photo.

    Args:
        photo: A photo whose first face is at least 24 pixels high.
        edge: How the head is cut out.

    Raises:
        ImageError: the face is too small.

    """
    alpha = _alpha(photo, edge)
    x, y, width, height = cv2.boundingRect(alpha)
    part = slice(y, y + height), slice(x, x + width)
    pixels = premultiplied(np.ascontiguousarray(photo.image[part]), alpha[part])
    faces = photo.faces if edge is HeadOutline.FRAME else photo.faces[np.arange(1)]
    face = photo.face
    moved = Box(face.x1 - x, face.y1 - y, face.x2 - x, face.y2 - y)
    return HeadSprite(Sprite(pixels, moved), moved_to(faces, np.array([x, y], np.float32)))


def _alpha(photo: Photo, edge: HeadOutline) -> NDArray[np.uint8]:
    """Return the opacity of the whole photo; uint8 of shape (H, W)."""
    height, width = photo.image.shape[:2]
    match edge:
        case HeadOutline.FRAME:
            return np.full((height, width), 255, np.uint8)
        case HeadOutline.OVAL:
            return _oval(height, width, photo.face)
        case HeadOutline.SOFT:
            return photo.outline
        case HeadOutline.HARD:
            return np.where(photo.outline > 127, np.uint8(255), np.uint8(0))


def _oval(height: int, width: int, face: Box) -> NDArray[np.uint8]:
    unit = face.height
    x, y = face.centre
    mask = np.zeros((height, width), np.uint8)
    middle = (round(x), round(y - 0.08 * unit))
    cv2.ellipse(mask, middle, (round(0.6 * unit), round(0.78 * unit)), 0, 0, 360, 255, -1)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), 0.05 * unit), np.uint8)


def shrunken(head: HeadSprite, height: int) -> Sprite:
    """Return the head's sprite, reduced to a face height of at most ``height`` pixels."""
    rows, columns = head.sprite.pixels.shape[:2]
    face = head.sprite.face
    scale = min(1.0, height / face.height)
    size = max(1, round(columns * scale)), max(1, round(rows * scale))
    pixels = cv2.resize(head.sprite.pixels, size, interpolation=cv2.INTER_AREA)
    across, down = size[0] / columns, size[1] / rows
    x1, x2 = ((x + 0.5) * across - 0.5 for x in (face.x1, face.x2))
    y1, y2 = ((y + 0.5) * down - 0.5 for y in (face.y1, face.y2))
    return Sprite(np.asarray(pixels, np.uint8), Box(x1, y1, x2, y2))
