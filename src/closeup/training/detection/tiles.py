"""Placement of a picture and its labels on a part of the canvas, scaled and mirrored."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from closeup.detection.letterbox import Letterbox, resized
from closeup.frames import RGBImage
from closeup.geometry import Size, areas, sides_of
from closeup.labels import PictureLabels

GREY = 114
"""Grey level of the empty canvas, as in Ultralytics' training and in our prediction."""


@dataclass(frozen=True, slots=True)
class CanvasArea:
    """A rectangle of the canvas in whole pixels; ``right`` and ``bottom`` are exclusive."""

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def whole(cls, canvas: Size) -> CanvasArea:
        """The whole canvas."""
        return cls(0, 0, canvas.width, canvas.height)

    @property
    def size(self) -> Size:
        """Width and height in pixels."""
        return Size(self.right - self.left, self.bottom - self.top)


@dataclass(frozen=True, slots=True)
class Tile:
    """Placement of a picture on the canvas.

    Attributes:
        part: The part of the canvas that it may cover.
        inner: Its size on the canvas, in pixels.
        left: Its first column on the canvas; it may extend beyond the part on all sides.
        top: Its first row on the canvas.
        mirrored: Whether left and right are exchanged.

    """

    part: CanvasArea
    inner: Size
    left: int
    top: int
    mirrored: bool = False

    @classmethod
    def plain(cls, picture: Size, canvas: Size) -> Tile:
        """The letterbox of prediction: the whole picture, as large as fits, centred."""
        box = Letterbox.centred(picture, canvas)
        return cls(CanvasArea.whole(canvas), box.inner, box.left, box.top)


@dataclass(frozen=True, slots=True)
class Least:
    """Least rest of a box that the edge of a tile cuts; smaller ones are dropped.

    Attributes:
        share: Fraction of its area.
        side: Length of each side in pixels of the canvas.

    """

    share: float = 0.25
    side: float = 3.0


def empty_canvas(size: Size) -> RGBImage:
    """A grey canvas, uint8 (H, W, 3)."""
    return np.full((size.height, size.width, 3), GREY, np.uint8)


def draw(canvas: RGBImage, tile: Tile, picture: RGBImage) -> None:
    """Draw the part of the picture that lies in the tile's part of the canvas."""
    part = tile.part
    left, right = max(part.left, tile.left), min(part.right, tile.left + tile.inner.width)
    top, bottom = max(part.top, tile.top), min(part.bottom, tile.top + tile.inner.height)
    if left >= right or top >= bottom:
        return
    drawn = resized(picture, tile.inner)
    if tile.mirrored:
        drawn = drawn[:, ::-1]
    columns = slice(left - tile.left, right - tile.left)
    canvas[top:bottom, left:right] = drawn[top - tile.top : bottom - tile.top, columns]


def moved(
    labels: PictureLabels,
    picture: Size,
    tile: Tile,
    flip: tuple[int, ...],
    least: Least | None = None,
) -> PictureLabels:
    """The labels of a picture in pixels of the canvas; boxes are clipped to the tile.

    Points outside the tile become unlabelled.

    Args:
        labels: Labels in pixels of the picture.
        picture: Size of the picture.
        tile: Placement of the picture on the canvas.
        flip: Index of the mirrored counterpart of each point.
        least: Least rest of a clipped box; None: any rest.

    Raises:
        ValueError: the tile is mirrored, the picture has points, and ``flip`` is empty.

    """
    scale = np.array(tile.inner, np.float32) / np.array(picture, np.float32)
    corner = np.array([tile.left, tile.top], np.float32)
    half = np.float32(0.5)
    boxes = (labels.boxes + half) * np.tile(scale, 2) + np.tile(corner - half, 2)
    points = labels.points.copy()
    points[..., :2] = (points[..., :2] + half) * scale + (corner - half)
    if tile.mirrored:
        if points.shape[1] and not flip:
            raise ValueError("points cannot be mirrored without flip")
        both = np.float32(2 * tile.left + tile.inner.width - 1)
        boxes[:, [0, 2]] = both - boxes[:, [2, 0]]
        points[..., 0] = both - points[..., 0]
        points = points[:, list(flip)]
    there = replace(labels, boxes=boxes, points=points)
    return _cut(there, tile.part, least or Least(0, 0))


def _cut(labels: PictureLabels, part: CanvasArea, least: Least) -> PictureLabels:
    low = np.array([part.left, part.top], np.float32) - np.float32(0.5)
    high = np.array([part.right, part.bottom], np.float32) - np.float32(0.5)
    boxes = np.clip(labels.boxes, np.tile(low, 2), np.tile(high, 2))
    sides = sides_of(boxes)
    kept = (
        (areas(boxes) >= least.share * areas(labels.boxes))
        & (sides > 0).all(axis=1)
        & (sides >= least.side).all(axis=1)
    )
    places = labels.points[..., :2]
    inside = ((places >= low) & (places <= high)).all(axis=-1) & (labels.points[..., 2] > 0)
    points = np.where(inside[..., None], labels.points, np.float32(0))
    return replace(labels, boxes=boxes, points=points)[kept]
