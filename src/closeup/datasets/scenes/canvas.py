"""A picture under construction that tracks the visible part of each face."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import Boxes, Size, boxes_around, centres_of, clipped, sides_of
from closeup.labels import PictureLabels
from closeup.synthesis.sprites import Affine, Sprite, draw

LEAST_SEEN = 0.4
"""Smallest visible share of a face that is labelled."""

MOST_HIDDEN = 0.1
"""Largest visible share at which a face counts as fully hidden. A sprite that would leave a face
between the two limits is not pasted: such a face is neither clearly visible nor clearly hidden."""

_NOBODY = -1
_STEPS = 24
"""Number of corners of the polygon that approximates an ellipse."""


class Content(IntEnum):
    """Content of a part of a picture, apart from the known faces."""

    DRAWN = 0
    """Nothing that was ever a face."""
    PHOTO = 1
    """A photo that may contain bystanders."""
    EMPTIED = 2
    """A photo whose faces are painted over."""


@dataclass(frozen=True, slots=True, eq=False)
class _PastedFace:
    """A pasted face: its box and landmarks, and the pixel count of the whole ellipse."""

    box: NDArray[np.float32]
    points: NDArray[np.float32]
    area: float


class Canvas:
    """A picture into which faces and other things are pasted, from back to front.

    Args:
        image: RGB uint8 of shape (H, W, 3), the background; written to.
        content: What the background shows.

    """

    def __init__(self, image: RGBImage, content: Content = Content.DRAWN) -> None:
        self.image = image
        self._owner = np.full(image.shape[:2], _NOBODY, np.int16)
        self._content = np.full(image.shape[:2], content, np.uint8)
        self._faces: list[_PastedFace] = []
        self._seen = np.empty(0, np.int64)

    @property
    def size(self) -> Size:
        """Size of the picture."""
        return Size.of(self.image)

    def paste(
        self,
        sprite: Sprite,
        matrix: Affine,
        faces: Faces | None = None,
        *,
        content: Content = Content.DRAWN,
    ) -> bool:
        """Draw a sprite in front of everything present, unless it would leave a doubtful face.

        Args:
            sprite: What is drawn.
            matrix: From :meth:`~closeup.synthesis.sprites.Sprite.placed`.
            faces: Faces in the sprite, in its pixels; None or without landmarks to label none.
            content: What the sprite shows.

        Returns:
            Whether it was drawn.

        """
        before = self.image.copy(), self._owner.copy()
        patch = draw(self.image, sprite, matrix)
        if patch is None:
            return False
        rows = slice(patch.top, patch.top + patch.alpha.shape[0])
        columns = slice(patch.left, patch.left + patch.alpha.shape[1])
        solid = patch.alpha > 127
        self._owner[rows, columns][solid] = _NOBODY
        new = self._placed(faces, matrix, solid, (patch.left, patch.top))
        every = [*self._faces, *new]
        seen = _counted(self._owner, len(every))
        if any(map(_doubtful, seen, every)):
            self.image, self._owner = before
            return False
        self._faces, self._seen = every, seen
        self._content[rows, columns][solid] = content
        return True

    def _placed(
        self,
        faces: Faces | None,
        matrix: Affine,
        solid: NDArray[np.bool_],
        corner: tuple[int, int],
    ) -> list[_PastedFace]:
        """Place a sprite's faces in the picture and mark their pixels as theirs."""
        if faces is None or faces.landmarks is None:
            return []
        region = self._owner[
            corner[1] : corner[1] + solid.shape[0], corner[0] : corner[0] + solid.shape[1]
        ]
        new: list[_PastedFace] = []
        boxes, points = faces.boxes.astype(np.float64), faces.landmarks.astype(np.float64)
        for box, own in zip(boxes, points, strict=True):
            half = sides_of(box) / 2
            centre = matrix[:, :2] @ centres_of(box) + matrix[:, 2]
            linear = matrix[:, :2] * half
            reach = np.sqrt((linear**2).sum(axis=1))  # half extents of the rotated ellipse
            mask = np.zeros(solid.shape, np.uint8)
            outline = (linear @ _CIRCLE).T + centre - corner
            cv2.fillPoly(mask, [np.round(outline * 16).astype(np.int32)], 1, cv2.LINE_8, 4)
            region[(mask > 0) & solid] = len(self._faces) + len(new)
            moved = own @ matrix[:, :2].T + matrix[:, 2]
            if np.linalg.det(matrix[:, :2]) < 0:
                moved = moved[[1, 0, 2, 4, 3]]
            around = boxes_around(centre, reach).astype(np.float32)
            area = math.pi * abs(float(np.linalg.det(linear)))
            new.append(_PastedFace(around, moved.astype(np.float32), area))
        return new

    def add(self, box: NDArray[np.float32], points: NDArray[np.float32]) -> None:
        """Add a face already in the picture; box (4,) xyxy and points (5, 2) in its pixels."""
        half = sides_of(box).astype(np.float64) / 2
        outline = (half[:, None] * _CIRCLE).T + centres_of(box)
        mask = np.zeros(self._owner.shape, np.uint8)
        cv2.fillPoly(mask, [np.round(outline * 16).astype(np.int32)], 1, cv2.LINE_8, 4)
        self._owner[(mask > 0) & (self._owner == _NOBODY)] = len(self._faces)
        self._faces.append(_PastedFace(box, points, math.pi * float(np.prod(half))))
        self._seen = _counted(self._owner, len(self._faces))

    def content(self, box: NDArray[np.floating]) -> Content:
        """Return the content of most of a box (4,) xyxy."""
        left, top, right, bottom = np.clip(box, 0, None).astype(int)
        part = self._content[top : bottom + 1, left : right + 1]
        return Content(int(np.bincount(part.ravel(), minlength=1).argmax()))

    @property
    def all_boxes(self) -> Boxes:
        """Return the box of every pasted face, hidden or not; (n, 4) xyxy, not clipped."""
        return np.array([face.box for face in self._faces], np.float32).reshape(-1, 4)

    def labels(self) -> PictureLabels:
        """Return the sufficiently visible faces, clipped to the picture.

        Their five points have the order of :data:`closeup.faces.Landmarks`; a point is hidden if
        something is in front of it, and not labelled outside the picture.
        """
        shown = [
            number
            for number, (seen, face) in enumerate(zip(self._seen, self._faces, strict=True))
            if seen >= LEAST_SEEN * face.area
        ]
        boxes = self.all_boxes[shown]
        points = [self._points(number) for number in shown]
        return PictureLabels.of(
            clipped(boxes, self.size), points=np.array(points).reshape(len(shown), 5, 3)
        )

    def _points(self, number: int) -> NDArray[np.float32]:
        points = self._faces[number].points
        x, y = np.round(points).astype(int).T
        inside = (x >= 0) & (y >= 0) & (x < self.size.width) & (y < self.size.height)
        owner = self._owner[np.clip(y, 0, self.size.height - 1), np.clip(x, 0, self.size.width - 1)]
        state = np.where(inside, np.where(owner == number, 2, 1), 0).astype(np.float32)
        return np.hstack([points * inside[:, None], state[:, None]]).astype(np.float32)


_ANGLES = np.linspace(0, 2 * np.pi, _STEPS, endpoint=False)
_CIRCLE = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)])
"""Corners on a circle of radius 1; shape (2, n)."""


def _counted(owner: NDArray[np.int16], count: int) -> NDArray[np.int64]:
    """Count the visible pixels of each face; shape (count,)."""
    if not count:
        return np.empty(0, np.int64)
    taken = owner[owner >= 0]
    return np.asarray(np.bincount(taken, minlength=count), np.int64)


def _doubtful(seen: int, face: _PastedFace) -> bool:
    return MOST_HIDDEN * face.area < seen < LEAST_SEEN * face.area
