"""Occlusion of faces: distractors over parts of a face, cloths over about half of it."""

from __future__ import annotations

import numpy as np

from closeup.datasets.scenes.backgrounds import part_of
from closeup.datasets.scenes.canvas import Canvas, Content
from closeup.datasets.scenes.distractors import CLOTH_EDGE, SIDE, cloth_of, draw_cloth, draw_cover
from closeup.datasets.scenes.head_pool import HeadPool
from closeup.datasets.scenes.poses import any_stretch, any_tilt
from closeup.geometry import Size
from closeup.synthesis.sprites import Sprite

_HALF = 0.4
"""Share of the occlusions that are a cloth over about half of a face."""

_TWO = 0.2
"""Share of the occluded faces with a second occlusion: one arm above and another beside."""

_OF_PHOTO = 0.6
"""Share of all cloths that are cut out of a photo, with real clothes, hands and hair."""


def cover(
    canvas: Canvas,
    pool: HeadPool,
    place: tuple[float, float],
    height: float,
    rng: np.random.Generator,
) -> None:
    """Place an occlusion in front of a face, unless too little of the face would remain.

    Args:
        canvas: The canvas that contains the face.
        pool: The pool whose photos cloths are cut out of.
        place: The middle of the face, x and y in the canvas' pixels.
        height: Height of the face, in pixels.
        rng: Chooses the occlusion and its position.

    """
    for _ in range(2 if rng.random() < _TWO else 1):
        if rng.random() < _HALF:
            _cover_half(canvas, pool, place, height, rng)
        else:
            _cover_part(canvas, place, height, rng)


def _cover_part(
    canvas: Canvas, place: tuple[float, float], height: float, rng: np.random.Generator
) -> None:
    """Place a distractor in front of a part of a face."""
    angle, far = rng.uniform(0, 2 * np.pi), rng.uniform(0.3, 0.9) * height
    x, y = place[0] + far * np.cos(angle), place[1] + far * np.sin(angle)
    thing = draw_cover(rng)
    canvas.paste(thing, thing.placed(x, y, height * rng.uniform(0.5, 1.3), 1.0, any_tilt(rng)))


def _cover_half(
    canvas: Canvas,
    pool: HeadPool,
    place: tuple[float, float],
    height: float,
    rng: np.random.Generator,
) -> None:
    """Place a cloth larger than a face, whose edge runs across the face."""
    cloth, content = any_cloth(pool, rng)
    large, turn = height * rng.uniform(1.6, 3.2), float(rng.uniform(-np.pi, np.pi))
    below = rng.uniform(-0.1, 0.4) * height + CLOTH_EDGE * large
    x, y = place[0] - below * np.sin(turn), place[1] + below * np.cos(turn)
    canvas.paste(cloth, cloth.placed(x, y, large, any_stretch(rng), turn), content=content)


def any_cloth(pool: HeadPool, rng: np.random.Generator) -> tuple[Sprite, Content]:
    """Return a cloth, drawn or cut out of a photo, and its content."""
    if rng.random() >= _OF_PHOTO:
        return draw_cloth(rng), Content.DRAWN
    picture = part_of(pool.painted_photo(rng), rng, Size(SIDE, SIDE))
    return cloth_of(picture, rng), Content.EMPTIED
