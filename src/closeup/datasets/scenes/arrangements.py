"""Arrangements of people in a scene: alone, in groups, in rows, on a stage, on a photo wall."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from closeup.datasets.scenes.backgrounds import draw_background, part_of, stage
from closeup.datasets.scenes.canvas import Canvas, Content
from closeup.datasets.scenes.distractors import draw_back_of_head, draw_thing
from closeup.datasets.scenes.head_pool import LEAST_PAINTED, HeadPool
from closeup.datasets.scenes.heads import HeadSprite
from closeup.datasets.scenes.occlusion import any_cloth, cover
from closeup.datasets.scenes.poses import any_stretch, any_tilt, log_uniform
from closeup.frames import RGBImage
from closeup.geometry import Box, Size, heights_of
from closeup.synthesis.figures import Look
from closeup.synthesis.sprites import Sprite, premultiplied

SMALLEST, LARGEST = 10.0, 250.0
"""Smallest and largest height of faces, in pixels of a scene."""

_MOST_HEADS = 80
"""Number of heads of an audience at which no further row is added; each head takes 1 ms."""

_LEAST_PAINTED_PHOTO = 2.2 * LEAST_PAINTED
"""Smallest side of a photo with painted-over faces, in pixels; a face takes about half of it."""

_COVERED = 0.32
"""Share of faces with something in front of them."""

_CLOTHS = 0.25
"""Share of cloths among the scattered distractors."""

_TURNED_AWAY = 0.12
"""Share of heads without a visible face."""


def paste_head(
    canvas: Canvas,
    head: HeadSprite,
    place: tuple[float, float],
    height: float,
    rng: np.random.Generator,
) -> bool:
    """Paste a head, or a whole photo, in any pose; its first face is ``height`` pixels high."""
    matrix = head.sprite.placed(*place, height, any_stretch(rng), any_tilt(rng))
    return canvas.paste(head.sprite, matrix, head.faces, content=Content.PHOTO)


def _paste_somebody(
    canvas: Canvas,
    pool: HeadPool,
    place: tuple[float, float],
    height: float,
    rng: np.random.Generator,
) -> None:
    """Paste a head, sometimes one without a face, sometimes with an occlusion in front."""
    if rng.random() < _TURNED_AWAY:
        _paste_nobody(canvas, pool, place, height, rng)
        return
    if paste_head(canvas, pool.head(rng), place, height, rng) and rng.random() < _COVERED:
        cover(canvas, pool, place, height, rng)


def _paste_nobody(
    canvas: Canvas,
    pool: HeadPool,
    place: tuple[float, float],
    height: float,
    rng: np.random.Generator,
) -> None:
    """Paste a head without a face; small ones are drawn."""
    painted = height >= LEAST_PAINTED
    sprite = pool.faceless(rng) if painted else draw_back_of_head(rng)
    matrix = sprite.placed(*place, height, any_stretch(rng), any_tilt(rng))
    canvas.paste(sprite, matrix, content=Content.EMPTIED if painted else Content.DRAWN)


def _scatter_things(canvas: Canvas, pool: HeadPool, rng: np.random.Generator, most: int) -> None:
    for _ in range(rng.integers(most + 1)):
        is_cloth = rng.random() < _CLOTHS
        thing, content = any_cloth(pool, rng) if is_cloth else (draw_thing(rng), Content.DRAWN)
        large = log_uniform(rng, SMALLEST, min(canvas.size) * 0.6)
        matrix = thing.placed(*_anywhere(canvas, rng), large, any_stretch(rng), any_tilt(rng))
        canvas.paste(thing, matrix, content=content)


def _anywhere(canvas: Canvas, rng: np.random.Generator) -> tuple[float, float]:
    return float(rng.uniform(0, canvas.size.width)), float(rng.uniform(0, canvas.size.height))


def _well_inside(canvas: Canvas, rng: np.random.Generator) -> tuple[float, float]:
    x, y = np.array(canvas.size) * rng.uniform(0.15, 0.85, 2)
    return float(x), float(y)


def scattered(size: Size, pool: HeadPool, rng: np.random.Generator) -> Canvas:
    """Faces of all sizes anywhere, small ones behind large ones."""
    canvas = _empty(size, pool, rng)
    _scatter_things(canvas, pool, rng, 4)
    largest = min(LARGEST, 0.6 * min(size))
    count = int(rng.integers(2, 14))
    for height in sorted(log_uniform(rng, SMALLEST, largest) for _ in range(count)):
        _paste_somebody(canvas, pool, _anywhere(canvas, rng), height, rng)
    return canvas


def audience(size: Size, pool: HeadPool, rng: np.random.Generator) -> Canvas:
    """Rows of heads that overlap, smaller towards the back."""
    canvas = _empty(size, pool, rng)
    height, growth = log_uniform(rng, SMALLEST, 40), rng.uniform(1.1, 1.45)
    y, pasted = size.height * rng.uniform(0.1, 0.7), 0
    while y < size.height + height and pasted < _MOST_HEADS:
        gap = height * rng.uniform(0.9, 1.8) * (2 if height < 20 else 1)
        for x in np.arange(rng.uniform(-gap, gap), size.width + gap, gap):
            if rng.random() < 0.85:
                place = x + rng.normal(0, 0.12) * gap, y + rng.normal(0, 0.12) * height
                _paste_somebody(canvas, pool, place, height * rng.uniform(0.88, 1.12), rng)
                pasted += 1
        y, height = y + height * rng.uniform(0.8, 1.7), min(height * growth, LARGEST)
    return canvas


def group(size: Size, pool: HeadPool, rng: np.random.Generator) -> Canvas:
    """Heads of nearly equal size that stand together."""
    canvas = _empty(size, pool, rng)
    _scatter_things(canvas, pool, rng, 2)
    height = log_uniform(rng, 16, min(150, 0.35 * min(size)))
    middle = np.array(_well_inside(canvas, rng))
    for _ in range(rng.integers(3, 10)):
        x, y = middle + rng.normal(0, 1, 2) * height * [1.5, 0.7]
        _paste_somebody(canvas, pool, (float(x), float(y)), height * rng.uniform(0.85, 1.15), rng)
    return canvas


def close_up(size: Size, pool: HeadPool, rng: np.random.Generator) -> Canvas:
    """One or two large faces, and some small ones behind them."""
    canvas = _empty(size, pool, rng)
    for _ in range(rng.integers(4)):
        _paste_somebody(canvas, pool, _anywhere(canvas, rng), log_uniform(rng, 10, 60), rng)
    for _ in range(rng.integers(1, 3)):
        height = rng.uniform(0.25, 0.6) * min(size)
        _paste_somebody(canvas, pool, _well_inside(canvas, rng), min(LARGEST, height), rng)
    return canvas


def on_stage(size: Size, pool: HeadPool, rng: np.random.Generator) -> Canvas:
    """Performers side by side, in full figure or closer."""
    canvas = Canvas(stage(rng, size) if rng.random() < 0.6 else draw_background(rng, size))
    height = log_uniform(rng, 12, 70)
    count = int(rng.integers(2, 10))
    order = rng.permutation(count)
    looks = [Look.FRONT] * 8 + [Look.BACK, Look.HAND, Look.HAIR]
    for place in order:
        performer = pool.figure(rng, looks[rng.integers(len(looks))])
        if performer is None:
            continue
        x = (place + rng.uniform(0.2, 0.8)) * size.width / count
        y = size.height * rng.uniform(0.1, 0.5)
        own = height * rng.uniform(0.85, 1.15)
        tilt = float(np.radians(rng.normal(0, 7)))
        matrix = performer.sprite.placed(x, y, own, rng.choice([-1, 1]), tilt)
        shown = canvas.paste(performer.sprite, matrix, performer.faces, content=Content.PHOTO)
        if shown and rng.random() < _COVERED:
            cover(canvas, pool, (x, y), own, rng)
    _scatter_things(canvas, pool, rng, 3)
    return canvas


def photo_wall(size: Size, pool: HeadPool, rng: np.random.Generator) -> Canvas:
    """Whole photos side by side, some with the faces painted over."""
    canvas = Canvas(draw_background(rng, size))
    side = log_uniform(rng, 28, 0.8 * min(size))
    gap = side * rng.choice([1.0, rng.uniform(1.0, 1.4)])
    start = rng.uniform(-0.5, 0.5, 2) * gap
    for y in np.arange(start[1], size.height + gap / 2, gap):
        for x in np.arange(start[0], size.width + gap / 2, gap):
            _paste_photo(canvas, pool, (float(x), float(y)), side, rng)
    return canvas


def _paste_photo(
    canvas: Canvas,
    pool: HeadPool,
    place: tuple[float, float],
    side: float,
    rng: np.random.Generator,
) -> None:
    """Paste one photo with its own middle at a place."""
    tilt = float(np.radians(rng.normal(0, 4))) if rng.random() < 0.3 else 0.0
    mirrored = float(rng.choice([-1, 1]))
    if rng.random() < 0.3 and side >= _LEAST_PAINTED_PHOTO:
        sprite = _opaque(pool.painted_photo(rng))
        matrix = sprite.placed(*place, side, mirrored, tilt)
        canvas.paste(sprite, matrix, content=Content.EMPTIED)
        return
    head = pool.frame(rng)
    rows, columns = head.sprite.pixels.shape[:2]
    whole = Sprite(head.sprite.pixels, Box(0, 0, columns - 1, rows - 1))
    matrix = whole.placed(*place, side, mirrored, tilt)
    heights = heights_of(head.faces.boxes) * side / rows
    if heights.min() >= SMALLEST * 0.8:
        canvas.paste(whole, matrix, head.faces, content=Content.PHOTO)


def _opaque(image: RGBImage) -> Sprite:
    rows, columns = image.shape[:2]
    alpha = np.full((rows, columns), 255, np.uint8)
    return Sprite(premultiplied(image, alpha), Box(0, 0, columns - 1, rows - 1))


def in_photo(size: Size, pool: HeadPool, rng: np.random.Generator) -> Canvas:
    """One photo that fills the scene, its faces where they were, and sometimes more faces."""
    canvas = Canvas(draw_background(rng, size))
    head = pool.frame(rng)
    rows, columns = head.sprite.pixels.shape[:2]
    whole = Sprite(head.sprite.pixels, Box(0, 0, columns - 1, rows - 1))
    face = float(head.faces.boxes[0, 3] - head.faces.boxes[0, 1])
    side = min(max(size) * rng.uniform(0.8, 1.3), rows * LARGEST / face)
    x, y = np.array(size) * rng.uniform(0.35, 0.65, 2)
    matrix = whole.placed(float(x), float(y), side, float(rng.choice([-1, 1])), any_tilt(rng) / 3)
    canvas.paste(whole, matrix, head.faces, content=Content.PHOTO)
    for _ in range(rng.integers(4)):
        _paste_somebody(canvas, pool, _anywhere(canvas, rng), log_uniform(rng, 10, 90), rng)
    return canvas


def nobody(size: Size, pool: HeadPool, rng: np.random.Generator) -> Canvas:
    """No face, but many hard negatives: distractors and heads without a face."""
    canvas = _empty(size, pool, rng)
    for _ in range(rng.integers(8)):
        height = log_uniform(rng, SMALLEST, 0.6 * min(size))
        _paste_nobody(canvas, pool, _anywhere(canvas, rng), height, rng)
    _scatter_things(canvas, pool, rng, 14)
    for _ in range(rng.integers(3)):
        performer = pool.figure(rng, Look.BACK)
        if performer:
            x, y = _anywhere(canvas, rng)
            matrix = performer.sprite.placed(x, y / 2, log_uniform(rng, 12, 60))
            canvas.paste(performer.sprite, matrix)
    return canvas


def _empty(size: Size, pool: HeadPool, rng: np.random.Generator) -> Canvas:
    """Make a background: drawn, a photo without faces, or a mosaic of such photos."""
    kind = rng.random()
    if kind < 0.65:
        return Canvas(draw_background(rng, size))
    if kind < 0.9:
        picture = part_of(pool.painted_photo(rng), rng, size)
        soft = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.5, 8))
        return Canvas(np.asarray(soft, np.uint8), Content.EMPTIED)
    canvas = Canvas(draw_background(rng, size))
    side = log_uniform(rng, _LEAST_PAINTED_PHOTO, 300)
    for y in np.arange(0, size.height + side, side):
        for x in np.arange(0, size.width + side, side):
            sprite = _opaque(pool.painted_photo(rng))
            matrix = sprite.placed(float(x), float(y), side)
            canvas.paste(sprite, matrix, content=Content.EMPTIED)
    return canvas


Arrangement = Callable[[Size, HeadPool, np.random.Generator], Canvas]

ARRANGEMENTS: tuple[tuple[Arrangement, float], ...] = (
    (scattered, 0.16), (audience, 0.12), (group, 0.10), (close_up, 0.08), (on_stage, 0.10),
    (photo_wall, 0.20), (in_photo, 0.14), (nobody, 0.10),
)  # fmt: skip
"""Kinds of scenes with the share of each."""
