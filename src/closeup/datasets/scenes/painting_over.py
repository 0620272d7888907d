"""Makes faces unrecognisable in place: hard negatives at positions where a face is expected."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.frames import RGBImage
from closeup.geometry import Boxes, centres_of, sides_of

_LARGER = 1.2
"""Sides of the painted area, relative to those of the face's box."""

_SMALL = 38
"""Height in pixels below which a face is replaced by the colour of its surroundings."""

_BLOCKS = 3
"""Number of blocks across a mosaic; four or more still look like a face to a detector."""


def paint_over(image: RGBImage, boxes: Boxes, rng: np.random.Generator) -> None:
    """Replace faces by skin, hair or blocks of their own colours, in place.

    Small ones take the colour around them: a small patch of skin would look like a blurred face.

    Args:
        image: RGB uint8 of shape (H, W, 3), modified in place.
        boxes: (n, 4) xyxy in its pixels; may extend beyond it.
        rng: Chooses the replacement.

    """
    height, width = image.shape[:2]
    for box in boxes.astype(np.float64):
        centre, half = centres_of(box), sides_of(box) * (_LARGER / 2)
        left, top = np.maximum(0, np.floor(centre - half)).astype(int)
        right, bottom = np.minimum([width, height], np.ceil(centre + half) + 1).astype(int)
        if right - left < 2 or bottom - top < 2:
            continue
        region = image[top:bottom, left:right]
        mask = np.zeros(region.shape[:2], np.uint8)
        middle = (round(centre[0]) - left, round(centre[1]) - top)
        axes = (max(1, round(half[0])), max(1, round(half[1])))
        cv2.ellipse(mask, (int(middle[0]), int(middle[1])), axes, 0, 0, 360, 255, -1)
        share = cv2.blur(mask, (3, 3))[..., None].astype(np.float32) / 255
        cover = _cover(region, rng).astype(np.float32)
        region[:] = (region * (1 - share) + cover * share).round().astype(np.uint8)


def _cover(region: RGBImage, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return the replacement of a face; the shape of ``region``."""
    if region.shape[0] < _SMALL:
        return _surroundings(region, rng)
    ways = (_mosaic, _skin, _hair, _shuffled)
    return ways[rng.integers(len(ways))](region, rng)


def _surroundings(region: RGBImage, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return the colour of the region's border, with some noise."""
    border = np.concatenate([region[0], region[-1], region[:, 0], region[:, -1]])
    noisy = border.mean(axis=0) + rng.normal(0, 4, region.shape)
    return np.asarray(np.clip(noisy, 0, 255), np.uint8)


def _mosaic(region: RGBImage, rng: np.random.Generator) -> NDArray[np.uint8]:
    few = cv2.resize(region, (_BLOCKS, _BLOCKS), interpolation=cv2.INTER_AREA)
    kind = cv2.INTER_NEAREST if rng.random() < 0.5 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(few, region.shape[1::-1], interpolation=kind), np.uint8)


def _skin(region: RGBImage, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return the middle's colour, shaded from one side."""
    colour = np.median(region.reshape(-1, 3), axis=0)
    slope = np.linspace(rng.uniform(0.6, 1), rng.uniform(0.9, 1.15), region.shape[1])
    shaded = np.broadcast_to(colour * slope[None, :, None], region.shape)
    return np.clip(shaded + rng.normal(0, 3, region.shape), 0, 255).astype(np.uint8)


def _hair(region: RGBImage, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return vertical strands in the region's dark colours, as on the back of a head."""
    rows, columns = region.shape[:2]
    dark = np.quantile(region.reshape(-1, 3), 0.2, axis=0)
    strands = rng.random((max(2, rows // 24), max(2, columns // 2)), np.float32)
    light = 0.6 + 0.8 * cv2.resize(strands, (columns, rows))
    return np.clip(dark * light[..., None], 0, 255).astype(np.uint8)


def _shuffled(region: RGBImage, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return the same pieces in another order: the texture of a face without its shape."""
    rows, columns = region.shape[:2]
    down, across = max(1, rows // 6), max(1, columns // 6)
    mixed = cv2.blur(region, (3, 3))
    pieces = [(y, x) for y in range(0, rows - down + 1, down) for x in range(0, columns, across)]
    for (y, x), place in zip(pieces, rng.permutation(len(pieces)), strict=True):
        other_y, other_x = pieces[place]
        piece = region[other_y : other_y + down, other_x : other_x + across][::-1]
        high = min(down, rows - y, piece.shape[0])
        wide = min(across, columns - x, piece.shape[1])
        mixed[y : y + high, x : x + wide] = piece[:high, :wide]
    return np.asarray(mixed, np.uint8)
