"""Boxes and sizes: ``xyxy`` in source pixels, a pixel's centre at integer coordinates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float32]
"""Boxes as rows of (x1, y1, x2, y2), shape (n, 4), in source pixels."""


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

    def fitted(self, longest: int) -> Size:
        """The same shape with its longer side at most ``longest``; never enlarged."""
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


def areas(boxes: NDArray[np.floating]) -> NDArray[np.floating]:
    """Area of each box, zero where it is inside out; shape (n,)."""
    sides = np.clip(boxes[:, 2:] - boxes[:, :2], 0, None)
    return np.asarray(sides[:, 0] * sides[:, 1])


def intersections(a: NDArray[np.floating], b: NDArray[np.floating]) -> NDArray[np.floating]:
    """Shared area of every box of ``a`` (n, 4) with every box of ``b`` (m, 4); shape (n, m)."""
    top_left = np.maximum(a[:, None, :2], b[None, :, :2])
    bottom_right = np.minimum(a[:, None, 2:], b[None, :, 2:])
    sides = np.clip(bottom_right - top_left, 0, None)
    return np.asarray(sides[..., 0] * sides[..., 1])


def iou(a: NDArray[np.floating], b: NDArray[np.floating]) -> NDArray[np.floating]:
    """Intersection over union of every box of ``a`` with every box of ``b``; shape (n, m)."""
    shared = intersections(a, b)
    union = areas(a)[:, None] + areas(b)[None, :] - shared
    return np.asarray(np.divide(shared, union, out=np.zeros_like(shared), where=union > 0))


def clipped(boxes: NDArray[np.floating], size: Size) -> Boxes:
    """Boxes cut off at the picture's edges; shape (n, 4)."""
    limits = np.array([size.width, size.height, size.width, size.height], np.float32) - 0.5
    return np.asarray(np.clip(boxes, np.float32(-0.5), limits), np.float32)


def scaled(boxes: Boxes, scale: float) -> Boxes:
    """Boxes (n, 4) in a picture that is so many times as large; a pixel's centre is an integer."""
    half = np.float32(0.5)
    return np.asarray((boxes + half) * np.float32(scale) - half, np.float32)
