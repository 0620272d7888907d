"""Worse copies of a photo: as a messenger or a camera far away would have made it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from closeup.evaluation.distances import Distance, pair_distances
from closeup.evaluation.lfw_pairs import Pairs
from closeup.evaluation.photo_vectors import Change, PhotoEmbedder, PhotoVectors
from closeup.evaluation.verification import verify
from closeup.frames import RGBImage
from closeup.media.images import encode_jpeg
from closeup.progress import Progress

_HEIGHTS = (24.0, 110.0)
"""Of faces on a stage, in pixels."""


def recompressed(image: RGBImage, quality: int) -> RGBImage:
    """The picture after one more JPEG of ``quality`` 1–100; the same shape (H, W, 3)."""
    return np.array(Image.open(BytesIO(encode_jpeg(image, quality))), np.uint8)


def shrunk(image: RGBImage, scale: float) -> RGBImage:
    """The picture at ``scale`` times its size, averaged over areas; never enlarged."""
    if scale >= 1:
        return image
    height, width = (max(1, round(side * scale)) for side in image.shape[:2])
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def seen_from_afar(
    image: RGBImage, height: float, random: np.random.Generator
) -> tuple[RGBImage, float]:
    """The photo as a camera far from a stage sees it: small, dark, noisy, blurred, compressed.

    Args:
        image: The photo, RGB uint8 (H, W, 3).
        height: Of the face in it, in pixels.
        random: Decides how bad it becomes: a face of 24 to 110 pixels, half of them blurred by up
            to a pixel, half to one and a fifth as bright, noise of 3 grey levels, JPEG of 40 to 89.

    Returns:
        The picture, and its size as a share of the photo's.

    """
    wanted = float(np.exp(random.uniform(*np.log(_HEIGHTS))))
    scale = min(1.0, wanted / height)
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    if random.random() < 0.5:
        small = cv2.GaussianBlur(small, (0, 0), random.uniform(0.3, 1.0))
    noisy = small * random.uniform(0.5, 1.2) + random.normal(0, 3, small.shape)
    pixels = np.clip(noisy, 0, 255).astype(np.uint8)
    return recompressed(pixels, int(random.integers(40, 90))), scale


QUALITIES = (90, 70, 50, 30, 10)
"""Of JPEG."""
HEIGHTS = (100, 64, 48, 32, 24, 16)
"""Of a face's box, in pixels."""


class Study(StrEnum):
    """What is varied."""

    JPEG = "jpeg"
    """Both photos of a pair are compressed once more."""
    SIZE = "size"
    """Both are made so small that the face's box has a given height."""
    PHOTOS = "photos"
    """How many photos each person is known by."""


@dataclass(frozen=True, slots=True)
class StudyRow:
    """One value of what is varied.

    Attributes:
        value: JPEG quality, height of the face in pixels, or photos a person.
        score: Accuracy of verification; for photos a person the rank-1 rate.
        standard_error: Of the score, over folds or draws.
        cases: Pairs, or probes of one draw, that the score is a share of.
        val: VAL at the strict false accept rate; None for photos a person.
        missed: Photos in which no face was found, None for photos a person.

    """

    value: int
    score: float
    standard_error: float
    cases: int
    val: float | None = None
    missed: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Original:
    """Photos as they are, and what was read of them.

    Attributes:
        paths: (n) photos, in the order of ``pairs.photos``.
        pairs: The pairs.
        vectors: Of the photos as they are.
        distance: How far two vectors are apart.

    """

    paths: list[Path]
    pairs: Pairs
    vectors: PhotoVectors
    distance: Distance


def study_jpeg(original: Original, reader: PhotoEmbedder, progress: Progress) -> list[StudyRow]:
    """The protocol on photos that were compressed at each of :data:`QUALITIES`."""

    def at(quality: int) -> Change:
        return lambda image, _: recompressed(image, quality)

    return _rows(original, reader, progress, {f"JPEG {q}": (q, at(q)) for q in QUALITIES})


def study_size(original: Original, reader: PhotoEmbedder, progress: Progress) -> list[StudyRow]:
    """The protocol on photos whose faces were shrunk to each of :data:`HEIGHTS`.

    The box found in the photo as it is tells the scale. Faces are detected anew in the small
    photo, and no photo is enlarged.
    """
    heights = original.vectors.heights

    def at(height: int) -> Change:
        return lambda image, index: shrunk(image, height / float(heights[index]))

    return _rows(original, reader, progress, {f"{h} pixels": (h, at(h)) for h in HEIGHTS})


def _rows(
    original: Original,
    reader: PhotoEmbedder,
    progress: Progress,
    steps: dict[str, tuple[int, Change]],
) -> list[StudyRow]:
    rows = []
    for stage, (value, change) in steps.items():
        vectors = reader.read(original.paths, progress, stage, change)
        pairs = original.pairs
        distances = pair_distances(vectors.joined(), pairs.rows, original.distance, reader.cohort)
        found = verify(distances, pairs.same, pairs.folds)
        rows.append(
            StudyRow(
                value, found.accuracy, found.standard_error, len(pairs), found.val, vectors.missed
            )
        )
    return rows
