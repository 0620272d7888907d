"""Hands, open or clenched: skin with dark gaps, the most effective hard negatives.

Each is drawn on ``colour`` (96, 96, 3), RGB uint8, and ``alpha`` (96, 96), uint8, initially 0;
``rng`` chooses its look.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.datasets.scenes.textures import any_colour, skin_colour

_DEPTH = 14
"""Distance from its edge, in pixels, from which a hand is as light as in its middle."""


def draw_open_hand(
    colour: NDArray[np.uint8], alpha: NDArray[np.uint8], rng: np.random.Generator
) -> None:
    """Draw a palm with fingers, spread or closed, and a forearm or sleeve."""
    skin = _laid(colour, rng)
    cv2.ellipse(alpha, (48, 56), (17, 20), 0, 0, 360, 255, -1, cv2.LINE_AA)
    spread = rng.uniform(0.1, 0.5)
    for finger, length in zip(np.linspace(-1.5, 1.5, 4), (28, 33, 32, 25), strict=True):
        tip = np.array([np.sin(finger * spread), -np.cos(finger * spread)])
        base = np.array([48 + finger * 8.5, 44.0])
        end = base + tip * length * rng.uniform(0.5, 1.1)
        first, last = base.round().astype(int).tolist(), end.round().astype(int).tolist()
        cv2.line(alpha, first, last, 255, 8, cv2.LINE_AA)
        cv2.line(colour, first, last, (skin * 0.85).tolist(), 2, cv2.LINE_AA)
    cv2.line(alpha, (34, 60), (20, 44), 255, 8, cv2.LINE_AA)
    cv2.line(alpha, (48, 66), (int(rng.integers(36, 60)), 95), 255, 24, cv2.LINE_AA)
    if rng.random() < 0.5:
        colour[76:] = any_colour(rng)


def draw_fist(
    colour: NDArray[np.uint8], alpha: NDArray[np.uint8], rng: np.random.Generator
) -> None:
    """Draw a clenched hand: four fingers side by side, a thumb across, a wrist or a cuff."""
    skin = _laid(colour, rng)
    _fingers(colour, alpha, skin, rng)
    if rng.random() < 0.6:
        start = int(rng.integers(22, 34)), int(rng.integers(52, 66))
        end = int(rng.integers(48, 66)), int(rng.integers(46, 62))
        cv2.line(alpha, start, end, 255, 13, cv2.LINE_AA)
        cv2.line(colour, start, end, (skin * 0.45).tolist(), 14, cv2.LINE_AA)
        cv2.line(colour, start, end, (skin * rng.uniform(0.85, 1.1)).clip(0, 255).tolist(), 10)
    cv2.line(alpha, (48, 64), (int(rng.integers(30, 66)), 95), 255, 26, cv2.LINE_AA)
    colour[:] = cv2.GaussianBlur(colour, (0, 0), rng.uniform(0.6, 2))
    depth = np.clip(cv2.distanceTransform(alpha, cv2.DIST_L2, 3) / _DEPTH, 0, 1)
    colour[:] = (colour * (0.4 + 0.6 * np.sqrt(depth))[..., None]).astype(np.uint8)
    if rng.random() < 0.6:
        colour[int(rng.integers(70, 84)) :] = any_colour(rng)


def _laid(colour: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.float32]:
    """Fill the picture with skin; return its colour."""
    skin = skin_colour(rng)
    colour[:] = skin
    return skin


def _fingers(
    colour: NDArray[np.uint8],
    alpha: NDArray[np.uint8],
    skin: NDArray[np.float32],
    rng: np.random.Generator,
) -> None:
    """Draw each finger bent over the palm, with a knuckle above and a gap beside it."""
    wide, lean = rng.uniform(10, 13), rng.uniform(-0.25, 0.25)
    for finger in np.linspace(-1.5, 1.5, 4):
        x, y = 48 + finger * wide, 44 + finger * finger * 2 + finger * lean * wide
        middle, axes = (round(x), round(y)), (round(wide * 0.62), int(rng.integers(17, 25)))
        cv2.ellipse(alpha, middle, axes, 0, 0, 360, 255, -1, cv2.LINE_AA)
        cv2.ellipse(colour, middle, axes, 0, 0, 360, (skin * 0.45).tolist(), 2, cv2.LINE_AA)
        knuckle = (round(x), round(y - axes[1] * rng.uniform(0.1, 0.6)))
        light = (skin * rng.uniform(1.05, 1.25)).clip(0, 255).tolist()
        cv2.ellipse(colour, knuckle, (4, 5), 0, 0, 360, light, -1, cv2.LINE_AA)
    cv2.ellipse(alpha, (48, 58), (round(1.9 * wide), 18), 0, 0, 360, 255, -1, cv2.LINE_AA)
