"""Distractors, in front of faces or as hard negatives: hands, microphones, balls, signs."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.datasets.scenes.hands import draw_fist, draw_open_hand
from closeup.datasets.scenes.letters import written
from closeup.datasets.scenes.textures import any_colour, clouds, skin_colour
from closeup.frames import RGBImage
from closeup.geometry import Box, Size
from closeup.synthesis.sprites import Sprite, premultiplied

SIDE = 96
"""Side of a distractor's sprite, in pixels; its middle is its place, its height its size."""

CLOTH_EDGE = 8 / SIDE
"""Distance of a cloth's edge above its middle, in cloth heights."""

Drawer = Callable[[NDArray[np.uint8], NDArray[np.uint8], np.random.Generator], None]


def draw_thing(rng: np.random.Generator) -> Sprite:
    """Draw a random distractor."""
    return _drawn(_THINGS[rng.integers(len(_THINGS))], rng)


def draw_cover(rng: np.random.Generator) -> Sprite:
    """Draw a distractor that often occurs in front of a face."""
    return _drawn(_COVERS[rng.integers(len(_COVERS))], rng)


def draw_cloth(rng: np.random.Generator) -> Sprite:
    """Draw a sleeve or flag whose edge, :data:`CLOTH_EDGE` above its middle, runs across."""
    return _drawn(_cloth, rng)


def cloth_of(picture: RGBImage, rng: np.random.Generator) -> Sprite:
    """Cut such a cloth out of a picture of :data:`SIDE` × :data:`SIDE` pixels."""

    def cut(colour: NDArray[np.uint8], alpha: NDArray[np.uint8], rng: np.random.Generator) -> None:
        _cloth(colour, alpha, rng)
        colour[:] = picture

    return _drawn(cut, rng)


def draw_back_of_head(rng: np.random.Generator) -> Sprite:
    """Draw the back of a head."""
    return _drawn(_back_of_head, rng)


def _drawn(drawer: Drawer, rng: np.random.Generator) -> Sprite:
    colour = np.zeros((SIDE, SIDE, 3), np.uint8)
    alpha = np.zeros((SIDE, SIDE), np.uint8)
    drawer(colour, alpha, rng)
    light = np.linspace(rng.uniform(0.5, 1), rng.uniform(0.7, 1.2), SIDE, dtype=np.float32)
    shaded = np.clip(colour * light[None, :, None], 0, 255).astype(np.uint8)
    if rng.random() < 0.5:
        alpha = np.asarray(cv2.GaussianBlur(alpha, (0, 0), rng.uniform(0.5, 2)), np.uint8)
    whole = Box(0, 0, SIDE - 1, SIDE - 1)
    return Sprite(premultiplied(shaded, np.ascontiguousarray(alpha)), whole)


def _microphone(
    colour: NDArray[np.uint8], alpha: NDArray[np.uint8], rng: np.random.Generator
) -> None:
    grey = float(rng.uniform(15, 120))
    cv2.line(alpha, (48, 40), (48, 95), 255, 11, cv2.LINE_AA)
    colour[:] = rng.uniform(10, 60)
    cv2.ellipse(alpha, (48, 22), (13, 17), 0, 0, 360, 255, -1, cv2.LINE_AA)
    cv2.ellipse(colour, (48, 22), (14, 18), 0, 0, 360, (grey, grey, grey), -1)
    colour[:40:3] = colour[:40:3] // 2


def _ball(colour: NDArray[np.uint8], alpha: NDArray[np.uint8], rng: np.random.Generator) -> None:
    """Draw a ball or a bald head from behind, shaded towards its edge."""
    base = skin_colour(rng) if rng.random() < 0.7 else any_colour(rng, (0.3, 1))
    axes = int(rng.integers(28, 44)), int(rng.integers(36, 46))
    cv2.ellipse(alpha, (48, 48), axes, 0, 0, 360, 255, -1, cv2.LINE_AA)
    depth = cv2.distanceTransform(alpha, cv2.DIST_L2, 3) / 40
    colour[:] = (base * (0.5 + 0.5 * np.sqrt(np.clip(depth, 0, 1)))[..., None]).astype(np.uint8)


def _back_of_head(
    colour: NDArray[np.uint8], alpha: NDArray[np.uint8], rng: np.random.Generator
) -> None:
    """Draw hair over shoulders: a spectator from behind."""
    hair = np.array([28, 20, 16]) + rng.random() ** 2 * np.array([150, 110, 60])
    strands = cv2.resize(rng.random((6, 40), np.float32), (SIDE, SIDE))
    long = int(rng.integers(30, 44))
    cv2.ellipse(alpha, (48, 98), (46, 34), 0, 0, 360, 255, -1, cv2.LINE_AA)
    colour[:] = any_colour(rng, (0.05, 0.8))
    head = np.zeros_like(alpha)
    cv2.ellipse(head, (48, 40), (28, long), 0, 0, 360, 255, -1, cv2.LINE_AA)
    np.maximum(alpha, head, out=alpha)
    colour[head > 0] = (hair * (0.5 + strands[head > 0][:, None])).clip(0, 255).astype(np.uint8)


def _sign(colour: NDArray[np.uint8], alpha: NDArray[np.uint8], rng: np.random.Generator) -> None:
    """Draw a board with letters."""
    top = int(rng.integers(10, 40))
    alpha[top : SIDE - top] = 255
    letters = written(rng, SIDE, SIDE, int(rng.integers(14, 50)))[..., None] / 255
    colour[:] = (any_colour(rng) * (1 - letters) + any_colour(rng) * letters).astype(np.uint8)


def _drawn_face(
    colour: NDArray[np.uint8], alpha: NDArray[np.uint8], rng: np.random.Generator
) -> None:
    """Draw a smiley, which does not count as a face."""
    colour[:] = any_colour(rng, (0.6, 1))
    cv2.circle(alpha, (48, 48), 44, 255, -1, cv2.LINE_AA)
    ink = (any_colour(rng, (0, 0.3))).tolist()
    eye = int(rng.integers(3, 8))
    for x in (32, 64):
        cv2.circle(colour, (x, 36), eye, ink, -1, cv2.LINE_AA)
    opening = int(rng.integers(4, 24))
    cv2.ellipse(colour, (48, 58), (24, opening), 0, 0, 180, ink, int(rng.integers(2, 6)))


def _bar(colour: NDArray[np.uint8], alpha: NDArray[np.uint8], rng: np.random.Generator) -> None:
    """Draw a pole, a rail or a cable."""
    half = int(rng.integers(2, 12))
    alpha[:, 48 - half : 48 + half] = 255
    colour[:] = any_colour(rng, (0, 0.8))


def _smoke(colour: NDArray[np.uint8], alpha: NDArray[np.uint8], rng: np.random.Generator) -> None:
    size = Size(SIDE, SIDE)
    rows, columns = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    fall = np.clip(1 - np.hypot(rows, columns), 0, 1)
    alpha[:] = (clouds(rng, size) * fall * rng.uniform(60, 220)).astype(np.uint8)
    colour[:] = any_colour(rng, (0.5, 1))


def _cloth(colour: NDArray[np.uint8], alpha: NDArray[np.uint8], rng: np.random.Generator) -> None:
    """Draw a sleeve or a flag, in folds, that hangs over something."""
    folds = np.sin(np.linspace(0, rng.uniform(4, 25), SIDE) + rng.uniform(0, 6))
    shade = 0.8 + 0.2 * folds[None, :, None] * clouds(rng, Size(SIDE, SIDE))[..., None]
    colour[:] = np.clip(any_colour(rng, (0.1, 1)) * shade, 0, 255).astype(np.uint8)
    waves = np.sin(np.linspace(0, rng.uniform(1, 7), 12) + rng.uniform(0, 6))
    edge = SIDE * (0.5 - CLOTH_EDGE) + 12 * waves
    corners = np.stack([np.linspace(0, SIDE - 1, 12), edge], axis=1)
    outline = np.concatenate([corners, [[SIDE - 1, SIDE - 1], [0, SIDE - 1]]])
    cv2.fillPoly(alpha, [outline.round().astype(np.int32)], 255, cv2.LINE_AA)


def _lamps(colour: NDArray[np.uint8], alpha: NDArray[np.uint8], rng: np.random.Generator) -> None:
    """Draw a chain of lamps, whose pattern can resemble two eyes and a mouth."""
    gap = int(rng.integers(12, 32))
    glow = np.zeros((SIDE, SIDE), np.float32)
    for y in range(gap // 2, SIDE, gap):
        for x in range(48 % gap, SIDE, gap) if rng.random() < 0.3 else (48,):
            cv2.circle(glow, (x, y), max(2, int(gap * rng.uniform(0.2, 0.4))), 1.0, -1)
    glow = np.asarray(cv2.GaussianBlur(glow, (0, 0), gap * 0.12), np.float32)
    alpha[:] = (255 * np.clip(glow * 1.5, 0, 1)).astype(np.uint8)
    colour[:] = np.clip(any_colour(rng, (0.6, 1)) + 160 * glow[..., None], 0, 255).astype(np.uint8)


_COVERS: tuple[Drawer, ...] = (
    draw_open_hand,
    draw_fist,
    _microphone,
    _bar,
    _back_of_head,
    _smoke,
    _cloth,
    _cloth,
)
_THINGS: tuple[Drawer, ...] = (
    draw_open_hand, draw_fist, draw_fist, _microphone, _ball, _ball, _back_of_head, _sign,
    _drawn_face, _bar, _lamps,
)  # fmt: skip
