"""A picture laid on a part of the canvas, larger or smaller, perhaps mirrored, with its labels."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from closeup.detection.letterbox import Letterbox, resized
from closeup.frames import RGBImage
from closeup.geometry import Size, areas, sides_of
from closeup.labels import PictureLabels

GREY = 114
"""What is left of the canvas, as in Ultralytics' training and in our prediction."""


@dataclass(frozen=True, slots=True)
class CanvasArea:
    """A rectangle of the canvas in whole pixels; ``right`` and ``bottom`` are outside."""

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def whole(cls, canvas: Size) -> CanvasArea:
        """All of it."""
        return cls(0, 0, canvas.width, canvas.height)

    @property
    def size(self) -> Size:
        """Width and height."""
        return Size(self.right - self.left, self.bottom - self.top)


@dataclass(frozen=True, slots=True)
class Tile:
    """Where a picture lies.

    Attributes:
        part: What of the canvas it may cover.
        inner: Its size on the canvas.
        left: Its first column there; may be outside of the part, as may be its last.
        top: Its first row.
        mirrored: Left and right are exchanged.

    """

    part: CanvasArea
    inner: Size
    left: int
    top: int
    mirrored: bool = False

    @classmethod
    def plain(cls, picture: Size, canvas: Size) -> Tile:
        """As prediction lays it: whole, as large as fits, in the middle."""
        box = Letterbox.centred(picture, canvas)
        return cls(CanvasArea.whole(canvas), box.inner, box.left, box.top)


@dataclass(frozen=True, slots=True)
class Least:
    """What must be left of a box that the edge of a tile cuts, or it is dropped.

    Attributes:
        share: Of its area.
        side: In pixels of the canvas.

    """

    share: float = 0.25
    side: float = 3.0


def empty_canvas(size: Size) -> RGBImage:
    """Grey; shape (H, W, 3)."""
    return np.full((size.height, size.width, 3), GREY, np.uint8)


def draw(canvas: RGBImage, tile: Tile, picture: RGBImage) -> None:
    """Draw what of the picture lies in the tile's part of the canvas, with nothing around it."""
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
    """Where the labels of a picture are on the canvas; boxes are cut off at the tile's edges.

    Points that are cut away are not labelled any more.

    Args:
        labels: In the picture's own pixels.
        picture: Its size.
        tile: Where it lies.
        flip: Which point each one becomes when it is mirrored.
        least: What must be left of a box; by default anything.

    Raises:
        ValueError: points are to be mirrored, and nobody knows how.

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
