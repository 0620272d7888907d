"""The drawn stage and its lighting."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.frames import RGBImage
from closeup.geometry import Size

_FLASH = (150, 100, 60, 30, 12)
"""Value that a flash adds to every channel, frame by frame."""


def backdrop(number: int, size: Size) -> RGBImage:
    """Draw curtain, floor and lamps; another number is another camera; shape (H, W, 3)."""
    rng = np.random.default_rng(1000 + number)
    hue = (0.95 + 0.31 * number) % 1
    horizon = round(size.height * rng.uniform(0.6, 0.8))
    picture = np.empty((size.height, size.width, 3), np.float32)
    picture[:horizon] = _curtain(horizon, size.width, hue, folds=rng.uniform(8, 22))
    picture[horizon:] = _floor(size.height - horizon, size.width, (hue + 0.45) % 1)
    _lamps(picture, rng)
    return np.asarray(np.clip(picture, 0, 235), np.uint8)


def _curtain(height: int, width: int, hue: float, folds: float) -> NDArray[np.float32]:
    columns = np.linspace(0, folds * 2 * np.pi, width, dtype=np.float32)
    light = 0.42 + 0.16 * np.sin(columns + 0.7 * np.sin(columns * 0.37))
    fall = np.linspace(0.55, 1, height, dtype=np.float32)[:, None]
    colour = np.array(colorsys.hsv_to_rgb(hue, 0.7, 200), np.float32)
    return np.asarray((fall * light)[..., None] * colour, np.float32)


def _floor(height: int, width: int, hue: float) -> NDArray[np.float32]:
    rows = np.linspace(0.05, 1, height, dtype=np.float32)[:, None]
    columns = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    boards = np.floor(columns * 14 / (0.4 + rows)) % 2
    light = (0.3 + 0.3 * rows) * (1 - 0.12 * boards)
    colour = np.array(colorsys.hsv_to_rgb(hue, 0.25, 190), np.float32)
    return np.asarray(light[..., None] * colour, np.float32)


def _lamps(picture: NDArray[np.float32], rng: np.random.Generator) -> None:
    """Add a row of lamps with cones of light, in place."""
    height, width = picture.shape[:2]
    for place in np.linspace(0.08, 0.92, 6):
        x, foot = int(place * width), int((place + rng.uniform(-0.15, 0.15)) * width)
        cone = np.zeros((height, width), np.float32)
        spread = width // 14
        cv2.fillPoly(
            cone, [np.array([[x, 0], [foot + spread, height], [foot - spread, height]])], 1
        )
        fade = np.linspace(1, 0.1, height, dtype=np.float32)[:, None]
        colour = np.array(colorsys.hsv_to_rgb(rng.uniform(), 0.5, 46), np.float32)
        picture += (cv2.GaussianBlur(cone, (0, 0), width / 160) * fade)[..., None] * colour
        cv2.circle(picture, (x, height // 40), height // 60, (255.0, 250.0, 225.0), -1, cv2.LINE_AA)


@dataclass(frozen=True, slots=True)
class Lights:
    """Lighting that changes from frame to frame, and the camera's noise.

    Attributes:
        glow: Coloured spots, wider than the frame; uint8 of shape (H, 2 W, 3).
        grain: Noise, larger than the frame; uint8 of shape (H + 64, W + 64, 3).
        flashes: Frames at which a flash begins.
        strobes: Periods of strobe light as (first frame, one past the last).

    """

    glow: NDArray[np.uint8]
    grain: NDArray[np.uint8]
    flashes: tuple[int, ...]
    strobes: tuple[tuple[int, int], ...]

    def shine(self, picture: RGBImage, index: int, rng: np.random.Generator) -> RGBImage:
        """Return frame ``index`` in the light of its time; shape (H, W, 3)."""
        height, width = picture.shape[:2]
        shift = round((0.5 + 0.5 * np.sin(index / 40)) * width)
        lit = cv2.add(picture, np.ascontiguousarray(self.glow[:, shift : shift + width]))
        dark = any(a <= index < b and (index - a) // 3 % 2 for a, b in self.strobes)
        flash = sum(_FLASH[index - a] for a in self.flashes if 0 <= index - a < len(_FLASH))
        if dark or flash:
            lit = cv2.convertScaleAbs(lit, alpha=0.35 if dark else 1.0, beta=flash)
        top, left = rng.integers(0, 64, 2)
        grain = self.grain[top : top + height, left : left + width]
        return np.asarray(cv2.add(lit, grain), np.uint8)


def glow(size: Size) -> NDArray[np.uint8]:
    """Draw soft coloured spots over twice the width; shape (H, 2 W, 3)."""
    small = Size(96, 27)
    rows, columns = np.mgrid[: small.height, : small.width].astype(np.float32)
    light = np.zeros((small.height, small.width, 3), np.float32)
    for hue, x, y in ((0.6, 14, 10), (0.9, 34, 16), (0.45, 56, 8), (0.12, 80, 14)):
        spot = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 60)
        light += spot[..., None] * np.array(colorsys.hsv_to_rgb(hue, 0.8, 44), np.float32)
    large = cv2.resize(light, (size.width * 2, size.height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(large, 0, 255), np.uint8)


def grain(size: Size, strength: int, seed: int) -> NDArray[np.uint8]:
    """Draw noise of 0 to ``strength`` in every channel; shape (H + 64, W + 64, 3)."""
    shape = (size.height + 64, size.width + 64, 3)
    return np.random.default_rng(seed).integers(0, strength, shape, np.uint8, endpoint=True)
