"""Rooms behind footage: walls of real texture, with things that detectors take for faces."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.datasets.scenes.backgrounds import sample
from closeup.datasets.scenes.distractors import draw_thing
from closeup.datasets.scenes.textures import any_colour, clouds
from closeup.frames import RGBImage
from closeup.geometry import Box, Size
from closeup.synthesis.sprites import Sprite, draw, premultiplied

_SIDE = 64

_WALL = (0.3, 0.75)
"""Range of a wall's brightness."""


def draw_room(rng: np.random.Generator, size: Size, face: float) -> RGBImage:
    """Draw a wall and a floor out of focus, with sockets, signs and pictures on the wall.

    Args:
        rng: Makes all random choices.
        size: Size of the picture.
        face: Height of the nearest face, in picture heights: things are about as large.

    """
    horizon = round(size.height * rng.uniform(0.62, 0.78))
    room = np.empty((size.height, size.width, 3), np.float32)
    room[:horizon] = any_colour(rng, _WALL)
    room[horizon:] = any_colour(rng, _WALL) * 0.8
    room *= (0.75 + 0.5 * clouds(rng, size))[..., None]
    for _ in range(rng.integers(1, 4)):
        _hang(room, sample(rng, Size(160, 120)), rng, horizon)
    picture = np.asarray(np.clip(room, 0, 255), np.uint8)
    picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), size.height / 400), np.uint8)
    things = [_socket(rng) for _ in range(2)] + [draw_thing(rng) for _ in range(3)]
    for thing in things:
        height = face * size.height * rng.uniform(0.6, 1.3)
        x, y = rng.uniform(0.03, 0.97) * size.width, rng.uniform(0.12, 0.9) * horizon
        draw(picture, thing, thing.placed(x, y, height))
    return picture


def _hang(
    room: NDArray[np.float32], picture: RGBImage, rng: np.random.Generator, horizon: int
) -> None:
    """Hang a picture, a window or a curtain on the wall, in place."""
    height = int(horizon * rng.uniform(0.25, 0.7))
    width = int(height * rng.uniform(0.6, 2.0))
    top, left = rng.integers(0, horizon - height), rng.integers(0, room.shape[1] - width)
    scaled = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    room[top : top + height, left : left + width] = scaled


def _socket(rng: np.random.Generator) -> Sprite:
    """Draw a wall socket: two holes in a dish, like eyes, and in some a clip, like a mouth."""
    shade = int(rng.integers(150, 245))
    colour = np.full((_SIDE, _SIDE, 3), shade, np.uint8)
    middle = _SIDE // 2
    cv2.circle(colour, (middle, middle), 24, (shade - 45,) * 3, -1, cv2.LINE_AA)
    cv2.circle(colour, (middle, middle), 22, (shade - 20,) * 3, -1, cv2.LINE_AA)
    for x in (middle - 9, middle + 9):
        cv2.circle(colour, (x, middle - 4), 4, (30, 26, 24), -1, cv2.LINE_AA)
    if rng.random() < 0.5:
        cv2.ellipse(colour, (middle, middle + 12), (7, 3), 0, 0, 180, (70, 64, 60), 2, cv2.LINE_AA)
    whole = Box(0, 0, _SIDE - 1, _SIDE - 1)
    return Sprite(premultiplied(colour, np.full((_SIDE, _SIDE), 255, np.uint8)), whole)
