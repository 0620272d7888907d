"""One scene of faces, from its people to the picture and its labels."""

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
"""Width over height, and the share of scenes that have it."""

_QUALITY = 35, 96
"""Of JPEG, from and below."""


@dataclass(frozen=True, slots=True, eq=False)
class FaceScene:
    """A picture of faces and where they are.

    Attributes:
        image: RGB uint8 of shape (H, W, 3).
        labels: All its faces.
        quality: Of the JPEG that it becomes.

    """

    image: RGBImage
    labels: PictureLabels
    quality: int


def compose(
    cast: HeadPool,
    longest: int,
    teacher: FaceDetector | None,
    rng: np.random.Generator,
    arrangement: Arrangement | None = None,
) -> FaceScene:
    """Compose one scene; the same generator gives the same one.

    Args:
        cast: Who may be in it.
        longest: Of its sides, in pixels.
        teacher: Looks for bystanders in photos; without one they stay unlabelled.
        rng: Chooses everything.
        arrangement: The kind of scene; by default any, as often as
            :data:`~closeup.datasets.scenes.arrangements.ARRANGEMENTS` say.

    """
    shares = [share for _, share in ARRANGEMENTS]
    drawn = ARRANGEMENTS[rng.choice(len(ARRANGEMENTS), p=np.divide(shares, sum(shares)))][0]
    canvas = (arrangement or drawn)(_any_size(longest, rng), cast, rng)
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
