"""Effects of stage light, lens, sensor and file on a whole scene; faces do not move."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from closeup.datasets.scenes.textures import any_colour
from closeup.frames import RGBImage
from closeup.geometry import Boxes

_BLUR = 0.05
"""Largest blur, as a share of the smallest face's height: every face stays recognisable."""

_DARKEST = 0.25
"""Smallest light of a lamp."""

_LEAST_FACE = 32
"""Smallest mean brightness of a face, 0..255; below it, noise hides the face."""


def lit(image: RGBImage, faces: Boxes, rng: np.random.Generator) -> RGBImage:
    """Relight the picture: coloured, uneven, dim, too bright, hazy, or unchanged.

    Args:
        image: RGB uint8 of shape (H, W, 3).
        faces: (n, 4) xyxy in its pixels; all of them stay bright enough to be seen.
        rng: Makes all random choices.

    """
    light = np.ones((*image.shape[:2], 3), np.float32)
    if rng.random() < 0.6:
        light *= _coloured(image, rng)
    if rng.random() < 0.25:
        light *= rng.uniform(_DARKEST, 0.8)
    picture = image.astype(np.float32) * light
    picture *= _brighter(picture, faces)
    if rng.random() < 0.2:  # strobe
        picture = picture * rng.uniform(1, 1.6) + rng.uniform(0, 70)
    if rng.random() < 0.2:  # haze
        share = rng.uniform(0.05, 0.3)
        picture = picture * (1 - share) + any_colour(rng, (0.3, 1)) * share
    if rng.random() < 0.08:
        picture = np.repeat(picture.mean(axis=2, keepdims=True), 3, axis=2)
    gamma = float(np.exp(rng.normal(0, 0.15)))
    table = 255 * (np.arange(256) / 255) ** gamma
    changed = cv2.LUT(np.clip(picture, 0, 255).astype(np.uint8), table.astype(np.uint8))
    return np.asarray(changed, np.uint8)


def _brighter(picture: NDArray[np.float32], faces: Boxes) -> float:
    """Return the factor of light that makes the darkest face visible."""
    darkest = float(_LEAST_FACE)
    for x1, y1, x2, y2 in np.clip(faces, 0, None).astype(int).tolist():
        part = picture[y1 : y2 + 1, x1 : x2 + 1]
        darkest = min(darkest, float(part.mean()) if part.size else darkest)
    return min(4.0, _LEAST_FACE / max(darkest, 1.0))


def _coloured(image: RGBImage, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return the light of two to six lamps, smooth over the picture; its mean is about 1."""
    count = int(rng.integers(2, 4))
    few = np.array([any_colour(rng, (0.4, 1)) for _ in range(2 * count)], np.float32)
    smooth = cv2.resize(
        few.reshape(2, count, 3), image.shape[1::-1], interpolation=cv2.INTER_LINEAR
    )
    strength = np.float32(rng.beta(1.2, 1.5))
    return np.asarray(1 - strength + strength * smooth * np.float32(1.4 / 255), np.float32)


def photographed(image: RGBImage, smallest: float, rng: np.random.Generator) -> RGBImage:
    """Add defocus, motion blur, low resolution and noise, or leave the picture unchanged.

    Args:
        image: RGB uint8 of shape (H, W, 3).
        smallest: Height of the smallest face in pixels; limits the blur.
        rng: Makes all random choices.

    """
    most = min(2.5, _BLUR * smallest)
    kind = rng.random()
    if kind < 0.25:
        soft = cv2.GaussianBlur(image, (0, 0), 0.2 + most * rng.random())
        image = np.asarray(soft, np.uint8)
    elif kind < 0.4:
        image = _moved(image, 1 + 3 * most * rng.random(), rng.uniform(0, np.pi))
    elif kind < 0.6:
        image = _made_coarse(image, 1 / (1 + most * rng.random()))
    if rng.random() < 0.6:
        image = _grainy(image, rng)
    return np.ascontiguousarray(image)


def _moved(image: RGBImage, length: float, angle: float) -> RGBImage:
    """Blur along a line ``length`` pixels long."""
    side = 2 * int(np.ceil(length / 2)) + 1
    middle = side // 2
    kernel = np.zeros((side, side), np.float32)
    reach = np.array([np.cos(angle), np.sin(angle)]) * length / 2
    first, last = (np.round((middle + sign * reach) * 16).astype(int).tolist() for sign in (-1, 1))
    cv2.line(kernel, first, last, 1.0, 1, cv2.LINE_AA, 4)
    total = float(kernel.sum())
    if total <= 0:
        return image
    return np.asarray(cv2.filter2D(image, -1, kernel / total), np.uint8)


def _made_coarse(image: RGBImage, scale: float) -> RGBImage:
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, image.shape[1::-1], interpolation=cv2.INTER_LINEAR))


def _grainy(image: RGBImage, rng: np.random.Generator) -> RGBImage:
    """Add sensor noise: per pixel, or in grains of a few pixels, grey or coloured."""
    height, width = image.shape[:2]
    coarse = int(rng.choice([1, 1, 1, 2, 3]))
    channels = int(rng.choice([1, 3]))
    shape = (-(-height // coarse), -(-width // coarse), channels)
    # Centred on 128, because OpenCV adds bytes several times as fast as floats.
    loud = rng.uniform(1, 9)
    grain = _normal_bytes(rng, shape, loud)
    if coarse > 1:
        large = cv2.resize(grain, (width, height), interpolation=cv2.INTER_LINEAR)
        grain = np.asarray(large, np.uint8).reshape(height, width, channels)
    whole = np.ascontiguousarray(np.broadcast_to(grain, (height, width, 3)))
    return np.asarray(cv2.addWeighted(image, 1, whole, 1, -128), np.uint8)


def _normal_bytes(
    rng: np.random.Generator, shape: tuple[int, ...], deviation: float
) -> NDArray[np.uint8]:
    """Return normal noise around 128, drawn by its quantiles from random bytes."""
    table = np.clip(128 + deviation * _QUANTILES, 0, 255).round().astype(np.uint8)
    return np.asarray(table[rng.integers(0, 256, shape, np.uint8)], np.uint8)


_QUANTILES = ndtri((np.arange(256) + 0.5) / 256)
"""Quantiles of the normal distribution, for each byte."""
