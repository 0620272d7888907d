"""Cut-out pictures, drawn at any sub-pixel position and scale."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.geometry import Box

Premultiplied = NDArray[np.uint8]
"""RGB premultiplied by alpha, and alpha; uint8 of shape (h, w, 4)."""

Affine = NDArray[np.float64]
"""2x3 matrix that maps sprite pixels (x, y, 1) to frame pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class Sprite:
    """A picture with transparency and the box of its face.

    Attributes:
        pixels: Premultiplied RGBA uint8 of shape (h, w, 4).
        face: The tight face box, xyxy in pixels of the sprite: the ground truth.

    """

    pixels: Premultiplied
    face: Box
    _levels: list[Premultiplied] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.pixels.ndim != 3 or self.pixels.shape[2] != 4:
            raise ValueError(f"pixels must have shape (h, w, 4), got {self.pixels.shape}")
        object.__setattr__(self, "_levels", [self.pixels])

    def placed(
        self, x: float, y: float, height: float, stretch: float = 1.0, tilt: float = 0.0
    ) -> Affine:
        """Return the matrix that puts the middle of the face at (x, y).

        Args:
            x: x in frame pixels.
            y: y in frame pixels.
            height: Height of the face in frame pixels.
            stretch: Horizontal factor; negative mirrors.
            tilt: Clockwise rotation about the middle of the face, in radians.

        """
        scale = height / self.face.height
        cos, sin = math.cos(tilt) * scale, math.sin(tilt) * scale
        linear = np.array([[cos * stretch, -sin], [sin * stretch, cos]])
        shift = np.array([x, y]) - linear @ np.array(self.face.centre)
        return np.hstack([linear, shift[:, None]])

    def level(self, scale: float) -> tuple[Premultiplied, float]:
        """Return the smallest halved copy that is not enlarged at ``scale``, and its own scale.

        Halving first prevents flicker of a reduced figure; the copies are cached.
        """
        depth = max(0, min(5, math.floor(-math.log2(max(scale, 1e-6)))))
        while len(self._levels) <= depth:
            height, width = self._levels[-1].shape[:2]
            # Odd sides would shift the grid by half a pixel, so they are padded first.
            padded = np.pad(self._levels[-1], ((0, height % 2), (0, width % 2), (0, 0)))
            half = (padded.shape[1] // 2, padded.shape[0] // 2)
            smaller = cv2.resize(padded, half, interpolation=cv2.INTER_AREA)
            self._levels.append(np.asarray(smaller, np.uint8))
        return self._levels[depth], 0.5**depth


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """The area of a drawn sprite: the alpha of a rectangle of the frame.

    Attributes:
        left: First column in the frame.
        top: First row in the frame.
        alpha: uint8 of shape (h, w).

    """

    left: int
    top: int
    alpha: NDArray[np.uint8]


def draw(
    frame: NDArray[np.uint8],
    sprite: Sprite,
    matrix: Affine,
    smear: tuple[float, float] = (0.0, 0.0),
) -> Patch | None:
    """Draw the sprite onto the frame, in place.

    Args:
        frame: RGB uint8 of shape (H, W, 3), modified in place.
        sprite: The sprite to draw.
        matrix: From :meth:`Sprite.placed`.
        smear: Motion while the shutter is open, x and y in pixels; its middle is at the place
            that ``matrix`` gives.

    Returns:
        The area that it covers, or None if it lies outside the frame.

    """
    far = math.ceil(max(abs(smear[0]), abs(smear[1])) / 2)
    bounds = _bounds(sprite, matrix, frame.shape[1], frame.shape[0], far)
    if bounds is None:
        return None
    left, top, right, bottom = bounds
    pixels, level = sprite.level(math.hypot(matrix[0, 1], matrix[1, 1]))
    # Pixel centres have integer coordinates: p_full = (p_level + ½) / level - ½.
    step = 1 / level
    local = np.hstack([matrix[:, :2] * step, matrix[:, 2:]])
    local[:, 2] += matrix[:, :2].sum(axis=1) * (step / 2 - 0.5) - [left, top]
    warped = cv2.warpAffine(pixels, local, (right - left, bottom - top), flags=cv2.INTER_LINEAR)
    if far:
        warped = cv2.filter2D(warped, -1, _line(smear, far), borderType=cv2.BORDER_REPLICATE)
    alpha = np.asarray(cv2.extractChannel(warped, 3), np.uint8)
    region = frame[top:bottom, left:right]
    behind = cv2.cvtColor(cv2.bitwise_not(alpha), cv2.COLOR_GRAY2RGB)
    faded = cv2.multiply(region, behind, scale=1 / 255)
    cv2.add(faded, cv2.cvtColor(warped, cv2.COLOR_RGBA2RGB), dst=region)
    return Patch(left, top, alpha)


def _bounds(
    sprite: Sprite, matrix: Affine, width: int, height: int, far: int
) -> tuple[int, int, int, int] | None:
    """Return the sprite's bounds in the frame: first column and row, and one past the last.

    They are ``far`` pixels wider than the sprite on each side.
    """
    rows, columns = sprite.pixels.shape[:2]
    corners = np.array([[0, 0, 1], [columns, 0, 1], [0, rows, 1], [columns, rows, 1]])
    reached = corners @ matrix.T
    low = np.floor(reached.min(axis=0)).astype(int) - 1 - far
    high = np.ceil(reached.max(axis=0)).astype(int) + 1 + far
    left, top = max(0, int(low[0])), max(0, int(low[1]))
    right, bottom = min(width, int(high[0])), min(height, int(high[1]))
    return (left, top, right, bottom) if left < right and top < bottom else None


def _line(smear: tuple[float, float], far: int) -> NDArray[np.float32]:
    """Return the kernel of an even motion; a line of sum 1 in a square of 2 ``far`` + 1 pixels."""
    line = np.zeros((2 * far + 1, 2 * far + 1), np.float32)
    start = round((far - smear[0] / 2) * 16), round((far - smear[1] / 2) * 16)
    end = round((far + smear[0] / 2) * 16), round((far + smear[1] / 2) * 16)
    cv2.line(line, start, end, 1.0, 1, cv2.LINE_8, 4)
    return np.asarray(line / line.sum(), np.float32)


def premultiplied(rgb: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> Premultiplied:
    """Combine colour (h, w, 3) and alpha (h, w) into a sprite's pixels."""
    factor = cv2.cvtColor(np.ascontiguousarray(alpha), cv2.COLOR_GRAY2RGB)
    colour = cv2.multiply(rgb, factor, scale=1 / 255)
    return np.asarray(cv2.merge([*cv2.split(colour), alpha]), np.uint8)


def over(below: Premultiplied, above: Premultiplied) -> Premultiplied:
    """Composite ``above`` over ``below`` (Porter and Duff 1984); both (h, w, 4)."""
    rest = cv2.bitwise_not(np.ascontiguousarray(above[..., 3]))
    faded = cv2.multiply(below, cv2.merge([rest] * 4), scale=1 / 255)
    return np.asarray(cv2.add(faded, above), np.uint8)
