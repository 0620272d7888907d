"""Drawn patterns: hard negatives for face detectors."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.datasets.scenes.letters import written
from closeup.frames import RGBImage
from closeup.geometry import Size

Colours = NDArray[np.float32]


def any_colour(rng: np.random.Generator, light: tuple[float, float] = (0, 1)) -> Colours:
    """Return a random colour, RGB 0..255; shape (3,)."""
    hue, saturation = rng.uniform(0, 360), rng.beta(1.2, 1.5)
    hsv = np.array([[[hue, saturation, rng.uniform(*light)]]], np.float32)
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)[0, 0] * 255, np.float32)


def skin_colour(rng: np.random.Generator) -> Colours:
    """Return a random skin colour, dark to fair, RGB 0..255; shape (3,)."""
    dark, fair = np.array([70, 45, 35]), np.array([245, 205, 180])
    share = rng.random()
    colour = dark + share * (fair - dark) + rng.normal(0, 8, 3)
    return np.asarray(colour.clip(0, 255), np.float32)


def _mixed(share: NDArray[np.floating], rng: np.random.Generator) -> RGBImage:
    """Mix two random colours by a share (H, W), 0..1."""
    first, second = any_colour(rng), any_colour(rng)
    return (first + share[..., None].astype(np.float32) * (second - first)).astype(np.uint8)


def clouds(rng: np.random.Generator, size: Size, roughness: float = 0.55) -> NDArray[np.float32]:
    """Return noise of several octaves, 0..1; shape (H, W)."""
    total = np.zeros((size.height, size.width), np.float32)
    cells, weight = int(rng.integers(2, 6)), 1.0
    while cells < max(size) // 2:
        grain = rng.random((cells, cells), np.float32)
        kind = cv2.INTER_LINEAR if cells > 64 else cv2.INTER_CUBIC
        total += weight * cv2.resize(grain, (size.width, size.height), interpolation=kind)
        cells, weight = cells * 3, weight * roughness
    low, high = float(total.min()), float(total.max())
    return np.asarray((total - low) / max(high - low, 1e-6), np.float32)


def gradient(rng: np.random.Generator, size: Size) -> RGBImage:
    """Draw colours that blend into each other, and a few blurred lamps."""
    few = np.array([any_colour(rng) for _ in range(6)], np.float32).reshape(2, 3, 3)
    smooth = cv2.resize(few, (size.width, size.height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(smooth, 0, 255), np.uint8)


def noise(rng: np.random.Generator, size: Size) -> RGBImage:
    """Draw stone, cloth or smoke: noise in two colours."""
    return _mixed(clouds(rng, size, rng.uniform(0.4, 0.9)), rng)


def stripes(rng: np.random.Generator, size: Size) -> RGBImage:
    """Draw waves or bars in any direction, straight or bent."""
    rows, columns = np.mgrid[: size.height, : size.width].astype(np.float32)
    angle, period = rng.uniform(0, np.pi), rng.uniform(6, 60)
    bend = clouds(rng, size) * rng.choice([0, 0, 30, 80])
    phase = (columns * np.cos(angle) + rows * np.sin(angle) + bend) * (2 * np.pi / period)
    wave = np.sin(phase) * rng.choice([1, 8])
    return _mixed(np.clip(wave, -1, 1) / 2 + 0.5, rng)


def checks(rng: np.random.Generator, size: Size) -> RGBImage:
    """Draw a chequered cloth or a tiled wall."""
    side = int(rng.integers(6, 70))
    rows, columns = np.ogrid[: size.height, : size.width]
    squares = (rows // side + columns // side) % 2
    tiles = ((rows % side > 1) & (columns % side > 1)) * (0.5 + 0.5 * squares)
    return _mixed(np.asarray(squares if rng.random() < 0.5 else tiles, np.float32), rng)


def dots(rng: np.random.Generator, size: Size) -> RGBImage:
    """Draw balls of all sizes in colours of skin, hair and cloth."""
    picture = np.full((size.height, size.width, 3), any_colour(rng, (0, 0.6)), np.uint8)
    largest, skins = rng.uniform(8, 90), rng.random() < 0.6
    for _ in range(int(np.clip(60_000 / largest**1.5, 30, 400))):
        place = int(rng.integers(size.width)), int(rng.integers(size.height))
        colour = skin_colour(rng) if skins else any_colour(rng)
        axes = np.maximum(2, largest * rng.uniform(0.3, 1) * np.array([rng.uniform(0.7, 1), 1]) / 2)
        angle = float(rng.uniform(-40, 40))
        wide, high = int(axes[0]), int(axes[1])
        cv2.ellipse(picture, place, (wide, high), angle, 0, 360, colour.tolist(), -1, cv2.LINE_AA)
    return picture


def leaves(rng: np.random.Generator, size: Size) -> RGBImage:
    """Draw foliage, or confetti: many small leaves over shadow."""
    confetti = rng.random() < 0.3
    picture = _mixed(clouds(rng, size) * 0.4, rng) // 2
    for _ in range(int(rng.integers(300, 800))):
        place = int(rng.integers(size.width)), int(rng.integers(size.height))
        green = np.array([rng.uniform(20, 120), rng.uniform(60, 190), rng.uniform(10, 70)])
        colour = any_colour(rng) if confetti else green * rng.uniform(0.3, 1.1)
        axes = int(rng.integers(2, 5)), int(rng.integers(5, 15))
        angle = float(rng.uniform(0, 180))
        cv2.ellipse(picture, place, axes, angle, 0, 360, colour.tolist(), -1)
    return picture


def text(rng: np.random.Generator, size: Size) -> RGBImage:
    """Draw a page, or a wall of letters."""
    letters = written(rng, size.height, size.width, int(rng.integers(10, 120)))
    return _mixed(letters / np.float32(255), rng)


def led_wall(rng: np.random.Generator, size: Size) -> RGBImage:
    """Draw a wall of lamps, each a pixel of a coarse, bright picture."""
    pitch = int(rng.integers(3, 9))
    coarse = Size(size.width // pitch + 1, size.height // pitch + 1)
    drawers = (gradient, stripes, dots, text, noise)
    shown = drawers[rng.integers(len(drawers))](rng, coarse)
    large = cv2.resize(shown, None, fx=pitch, fy=pitch, interpolation=cv2.INTER_NEAREST)
    lamp = np.full((pitch, pitch), 255, np.uint8)
    lamp[-1], lamp[:, -1] = 70, 70
    grid = np.tile(lamp, (coarse.height, coarse.width))
    lit = cv2.multiply(large, cv2.cvtColor(grid, cv2.COLOR_GRAY2RGB), scale=1 / 255)
    return np.ascontiguousarray(lit[: size.height, : size.width])
