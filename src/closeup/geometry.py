"""Boxes and sizes: ``xyxy`` in source pixels, a pixel's centre at integer coordinates."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from closeup.errors import ShapeError

Boxes = NDArray[np.float32]
"""Boxes as rows of (x1, y1, x2, y2), shape (n, 4), in source pixels."""


Real = TypeVar("Real", bound=np.floating)
"""The type of coordinates, which results keep."""


class Size(NamedTuple):
    """Width and height in pixels, in this order."""

    width: int
    height: int

    @classmethod
    def parse(cls, text: str) -> Size:
        """Read ``200x630``.

        Raises:
            ValueError: not two positive whole numbers joined by an x.

        """
        width, _, height = text.lower().partition("x")
        if not (width.isdecimal() and height.isdecimal() and int(width) and int(height)):
            raise ValueError(f"cannot read {text!r} as a size; write WIDTHxHEIGHT, as in 200x630")
        return cls(int(width), int(height))

    @classmethod
    def of(cls, image: NDArray[np.generic]) -> Size:
        """The size of a picture, an array of shape (H, W) or (H, W, channels)."""
        return cls(image.shape[1], image.shape[0])

    def fitted(self, longest: int) -> Size:
        """The size reduced so that its longer side is at most ``longest``; never enlarged."""
        scale = min(1.0, longest / max(self))
        return Size(max(1, round(self.width * scale)), max(1, round(self.height * scale)))

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


@dataclass(frozen=True, slots=True)
class Box:
    """One box, edges at (x1, y1) and (x2, y2) in source pixels."""

    x1: float
    y1: float
    x2: float
    y2: float

    @property
    def width(self) -> float:
        """Horizontal extent in pixels."""
        return self.x2 - self.x1

    @property
    def height(self) -> float:
        """Vertical extent in pixels."""
        return self.y2 - self.y1

    @property
    def centre(self) -> tuple[float, float]:
        """Middle of the box as (x, y)."""
        return (self.x1 + self.x2) / 2, (self.y1 + self.y2) / 2


def centres_of(boxes: NDArray[Real]) -> NDArray[Real]:
    """The middle (x, y) of each box; shape (…, 2) for boxes (…, 4)."""
    return np.asarray((boxes[..., :2] + boxes[..., 2:]) / 2, boxes.dtype)


def sides_of(boxes: NDArray[Real]) -> NDArray[Real]:
    """Width and height of each box; shape (…, 2) for boxes (…, 4)."""
    return np.asarray(boxes[..., 2:] - boxes[..., :2], boxes.dtype)


def widths_of(boxes: NDArray[Real]) -> NDArray[Real]:
    """Width of each box; shape (…) for boxes (…, 4)."""
    return np.asarray(boxes[..., 2] - boxes[..., 0], boxes.dtype)


def heights_of(boxes: NDArray[Real]) -> NDArray[Real]:
    """Height of each box; shape (…) for boxes (…, 4)."""
    return np.asarray(boxes[..., 3] - boxes[..., 1], boxes.dtype)


def boxes_around(centres: NDArray[Real], halves: NDArray[np.floating] | float) -> NDArray[Real]:
    """Boxes (…, 4) from their middles (…, 2) and half their sides (…, 2)."""
    return np.asarray(np.concatenate([centres - halves, centres + halves], axis=-1), centres.dtype)


def areas(boxes: NDArray[np.floating]) -> NDArray[np.floating]:
    """Area of each box, zero if x2 < x1 or y2 < y1; shape (n,)."""
    sides = np.clip(sides_of(boxes), 0, None)
    return np.asarray(sides[:, 0] * sides[:, 1])


def intersections(a: NDArray[np.floating], b: NDArray[np.floating]) -> NDArray[np.floating]:
    """Shared area of every box of ``a`` (n, 4) with every box of ``b`` (m, 4); shape (n, m)."""
    return _shared(a[:, None], b[None])


def iou(a: NDArray[np.floating], b: NDArray[np.floating]) -> NDArray[np.floating]:
    """Intersection over union of every box of ``a`` with every box of ``b``; shape (n, m)."""
    shared = intersections(a, b)
    return _quotient(shared, areas(a)[:, None] + areas(b)[None, :] - shared)


def paired_iou(a: NDArray[np.floating], b: NDArray[np.floating]) -> NDArray[np.floating]:
    """Intersection over union of each box of ``a`` (n, 4) with that of ``b`` beside it; (n,)."""
    shared = _shared(a, b)
    return _quotient(shared, areas(a) + areas(b) - shared)


def _shared(a: NDArray[np.floating], b: NDArray[np.floating]) -> NDArray[np.floating]:
    """Shared area of boxes (…, 4) whose shapes broadcast."""
    top_left = np.maximum(a[..., :2], b[..., :2])
    sides = np.clip(np.minimum(a[..., 2:], b[..., 2:]) - top_left, 0, None)
    return np.asarray(sides[..., 0] * sides[..., 1])


def _quotient(shared: NDArray[np.floating], union: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.asarray(np.divide(shared, union, out=np.zeros_like(shared), where=union > 0))


def clipped(boxes: NDArray[np.floating], limits: Size | NDArray[np.floating]) -> Boxes:
    """Boxes clipped to the edges of a picture; shape (n, 4).

    Args:
        boxes: (n, 4) boxes.
        limits: The picture's size, or the edges of a part of it: (4,), or (n, 4) for one a box.

    """
    edges = np.array(astuple(whole(limits))) if isinstance(limits, Size) else limits
    low, high = edges[..., [0, 1, 0, 1]], edges[..., [2, 3, 2, 3]]
    return np.asarray(np.clip(boxes, low, high), np.float32)


def whole(size: Size) -> Box:
    """The box of a whole picture of ``size``: its edges are half a pixel beyond the centres."""
    return Box(-0.5, -0.5, size.width - 0.5, size.height - 0.5)


def scaled(boxes: Boxes, scale: float) -> Boxes:
    """Boxes (n, 4) in a picture ``scale`` times as large; pixel centres are at integers."""
    half = np.float32(0.5)
    return np.asarray((boxes + half) * np.float32(scale) - half, np.float32)


def covered(a: NDArray[np.floating], b: NDArray[np.floating]) -> NDArray[np.floating]:
    """Share of each box of ``a`` (n, 4) that lies in each box of ``b`` (m, 4); shape (n, m)."""
    own = np.maximum(areas(a), np.finfo(np.float32).tiny)
    return np.asarray(intersections(a, b) / own[:, None])


def lie_inside(points: NDArray[np.floating], boxes: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Whether points (…, 2) lie strictly inside boxes (…, 4); the shapes broadcast."""
    inside = (boxes[..., :2] < points) & (points < boxes[..., 2:])
    return np.asarray(inside.all(axis=-1))


def hold(
    outer: NDArray[np.floating], inner: NDArray[np.floating], tolerance: float
) -> NDArray[np.bool_]:
    """Whether each box of ``outer`` (n, 4) holds the whole box of ``inner`` (n, 4); shape (n,).

    An inner box may stick out by ``tolerance`` pixels.
    """
    low = outer[:, :2] <= inner[:, :2] + tolerance
    high = outer[:, 2:] >= inner[:, 2:] - tolerance
    return np.asarray((low & high).all(axis=1))


def check_shape(name: str, array: NDArray[np.generic], shape: tuple[int | str, ...]) -> None:
    """Raise an error if an array does not have the expected shape.

    Args:
        name: Name of the array in the message.
        array: The array to check.
        shape: The expected shape; a letter stands for any length.

    Raises:
        ShapeError: the array has another shape.

    """
    fits = len(array.shape) == len(shape) and all(
        isinstance(length, str) or length == own
        for length, own in zip(shape, array.shape, strict=True)
    )
    if not fits:
        expected = f"({', '.join(map(str, shape))}{',' * (len(shape) == 1)})"
        raise ShapeError(f"{name} must have shape {expected}, got {array.shape}")
