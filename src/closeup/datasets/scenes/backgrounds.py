"""Backgrounds of scenes: drawn, or a photo without any face."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import cv2
import numpy as np
from skimage import data

from closeup.datasets.scenes import textures
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.synthesis.stage import backdrop

_SAMPLES = (
    "coffee", "chelsea", "camera", "rocket", "brick", "grass", "gravel", "coins",
    "hubble_deep_field", "clock",
)  # fmt: skip
"""Photos included in scikit-image, in the public domain or under CC0 as their docstrings say.
``camera`` shows a distant man from the side: his head is painted over."""

_CAMERAMAN = (180, 60, 290, 170)
"""Box of the head in ``camera``: left, top, right, bottom."""

_STAGE_SCALE = 2
"""Scale at which a stage is drawn; half the size is enough because a stage is soft."""

Drawer = Callable[[np.random.Generator, Size], RGBImage]


def stage(rng: np.random.Generator, size: Size) -> RGBImage:
    """Draw curtain, floor and lamps with :func:`closeup.synthesis.stage.backdrop`."""
    small = Size(-(-size.width // _STAGE_SCALE), -(-size.height // _STAGE_SCALE))
    drawn = backdrop(int(rng.integers(100_000)), small)
    return np.asarray(cv2.resize(drawn, size, interpolation=cv2.INTER_CUBIC), np.uint8)


def sample(rng: np.random.Generator, size: Size) -> RGBImage:
    """Take a part of one of scikit-image's photos; grey photos get a random tint."""
    picture = _sample(_SAMPLES[rng.integers(len(_SAMPLES))])
    if rng.random() < 0.3:
        picture = np.asarray(picture * (textures.any_colour(rng, (0.5, 1)) / 255), np.uint8)
    return part_of(picture, rng, size)


@cache
def _sample(name: str) -> RGBImage:
    picture = np.asarray(getattr(data, name)(), np.uint8)
    if picture.ndim == 2:
        picture = np.repeat(picture[..., None], 3, axis=2)
    picture = picture[..., :3].copy()
    if name == "camera":
        left, top, right, bottom = _CAMERAMAN
        picture[top:bottom, left:right] = cv2.blur(picture[top:bottom, left:right], (61, 61))
    return picture


def part_of(picture: RGBImage, rng: np.random.Generator, size: Size) -> RGBImage:
    """Cut a random part that fills ``size``, mirrored or not, enlarged or not."""
    height, width = picture.shape[:2]
    scale = min(width / size.width, height / size.height) * rng.uniform(0.45, 1)
    wide, high = max(2, int(size.width * scale)), max(2, int(size.height * scale))
    left, top = int(rng.integers(width - wide + 1)), int(rng.integers(height - high + 1))
    part = picture[top : top + high, left : left + wide]
    if rng.random() < 0.5:
        part = part[:, ::-1]
    kind = cv2.INTER_AREA if scale > 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(part, size, interpolation=kind), np.uint8)


_DRAWERS: tuple[tuple[Drawer, float], ...] = (
    (stage, 3.0), (sample, 2.0), (textures.gradient, 1.0), (textures.noise, 1.5),
    (textures.stripes, 1.0), (textures.checks, 0.7), (textures.dots, 1.2),
    (textures.leaves, 1.0), (textures.text, 0.8), (textures.led_wall, 1.5),
)  # fmt: skip


def draw_background(rng: np.random.Generator, size: Size) -> RGBImage:
    """Make a background without a face; RGB uint8, shape (H, W, 3)."""
    shares = np.array([share for _, share in _DRAWERS])
    drawer = _DRAWERS[rng.choice(len(_DRAWERS), p=shares / shares.sum())][0]
    picture = drawer(rng, size)
    if rng.random() < 0.3:  # far away, out of focus
        picture = np.asarray(
            cv2.GaussianBlur(picture, (0, 0), rng.uniform(1, max(size) / 80)), np.uint8
        )
    return np.ascontiguousarray(picture, np.uint8)
