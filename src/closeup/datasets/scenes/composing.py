"""Composes one scene of faces: the picture and its labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from closeup.datasets.scenes.arrangements import ARRANGEMENTS, SMALLEST, Arrangement
from closeup.datasets.scenes.bystanders import settle_bystanders
from closeup.datasets.scenes.head_pool import HeadPool
from closeup.datasets.scenes.photography import lit, photographed
from closeup.frames import RGBImage
from closeup.geometry import Size, heights_of
from closeup.labels import PictureLabels
from closeup.protocols import FaceDetector

_SHAPES = ((1.0, 0.5), (16 / 9, 0.2), (4 / 3, 0.15), (3 / 4, 0.1), (9 / 16, 0.05))
"""Aspect ratios (width / height), each with its share of scenes."""

_QUALITY = 35, 96
"""Lowest JPEG quality, and its exclusive upper limit."""


@dataclass(frozen=True, slots=True, eq=False)
class FaceScene:
    """A picture of faces with their labels.

    Attributes:
        image: RGB uint8 of shape (H, W, 3).
        labels: Labels of all its faces.
        quality: JPEG quality at which the picture is saved.

    """

    image: RGBImage
    labels: PictureLabels
    quality: int


def compose(
    pool: HeadPool,
    longest: int,
    teacher: FaceDetector | None,
    rng: np.random.Generator,
    arrangement: Arrangement | None = None,
) -> FaceScene:
    """Compose one scene; equal generator states give equal scenes.

    Args:
        pool: The pool of heads and photos to choose from.
        longest: Longest side, in pixels.
        teacher: Detector that finds bystanders in photos; if None, they stay unlabelled.
        rng: Makes all random choices.
        arrangement: The kind of scene; by default a random one, with the shares of
            :data:`~closeup.datasets.scenes.arrangements.ARRANGEMENTS`.

    """
    shares = [share for _, share in ARRANGEMENTS]
    drawn = ARRANGEMENTS[rng.choice(len(ARRANGEMENTS), p=np.divide(shares, sum(shares)))][0]
    canvas = (arrangement or drawn)(_any_size(longest, rng), pool, rng)
    if teacher:
        settle_bystanders(canvas, teacher.detect(canvas.image), rng)
    labels = canvas.labels()
    heights = heights_of(labels.boxes)
    smallest = float(heights.min()) if len(heights) else 3 * SMALLEST
    image = photographed(lit(canvas.image, labels.boxes, rng), smallest, rng)
    return FaceScene(image, labels, int(rng.integers(*_QUALITY)))


def _any_size(longest: int, rng: np.random.Generator) -> Size:
    shapes = np.array(_SHAPES)
    ratio = shapes[rng.choice(len(shapes), p=shapes[:, 1]), 0]
    if ratio >= 1:
        return Size(longest, round(longest / ratio))
    return Size(round(longest * ratio), longest)
