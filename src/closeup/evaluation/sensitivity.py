"""Degraded copies of photos (compressed, small, or as from a stage), and studies on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from closeup.evaluation.distances import Distance, pair_distances
from closeup.evaluation.lfw_pairs import Pairs
from closeup.evaluation.photo_vectors import Change, PhotoEmbedder, PhotoVectors
from closeup.evaluation.verification import verify_folds
from closeup.frames import RGBImage
from closeup.media.images import encode_jpeg
from closeup.progress import Progress

_ELECTRONS, _READ_NOISE = 4000, 6
_VALUES = np.arange(256) / 255
_LINEAR = np.where(_VALUES <= 0.04045, _VALUES / 12.92, ((_VALUES + 0.055) / 1.055) ** 2.4)
"""Linear light of each 8-bit value of sRGB (IEC 61966-2-1), 0 to 1."""

_HEIGHTS = (24.0, 110.0)
"""Range of heights of faces on a stage, in pixels."""


def recompressed(image: RGBImage, quality: int) -> RGBImage:
    """The picture after one more JPEG of ``quality`` 1–100; the same shape (H, W, 3)."""
    return np.array(Image.open(BytesIO(encode_jpeg(image, quality))), np.uint8)


def shrunk(image: RGBImage, scale: float) -> RGBImage:
    """The picture at ``scale`` times its size, by area averaging; never enlarged."""
    if scale >= 1:
        return image
    height, width = (max(1, round(side * scale)) for side in image.shape[:2])
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def relit(image: RGBImage, light: float, random: np.random.Generator | None = None) -> RGBImage:
    """The photo as if taken with another amount of light, in 8 bits like the original.

    Args:
        image: The photo, RGB uint8 (H, W, 3), taken for sRGB.
        light: Factor of the linear light; above 1, light parts are clipped.
        random: Source of the noise of a small sensor, which counts 4,000 electrons at white with
            a read noise of 6; without noise if None.

    """
    linear = _LINEAR[image] * light
    if random is not None:
        electrons = linear * _ELECTRONS
        deviation = np.sqrt(electrons + _READ_NOISE**2)
        linear = (electrons + deviation * random.normal(size=image.shape)) / _ELECTRONS
    linear = np.clip(linear, 0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.round(255 * encoded).astype(np.uint8)


def seen_from_afar(
    image: RGBImage, height: float, random: np.random.Generator
) -> tuple[RGBImage, float]:
    """The photo as from a camera far from a stage: small, dark, noisy, blurred, compressed.

    Args:
        image: The photo, RGB uint8 (H, W, 3).
        height: Height of the face in the photo, in pixels.
        random: Source of the random degradation: a face of 24 to 110 pixels, half of them blurred
            by up to a pixel, brightness times 0.5 to 1.2, noise of 3 grey levels, JPEG quality of
            40 to 89.

    Returns:
        The picture, and its scale relative to the photo.

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
"""JPEG qualities."""
HEIGHTS = (100, 64, 48, 32, 24, 16)
"""Heights of a face's box, in pixels."""


class Study(StrEnum):
    """The varied quantity of a study."""

    JPEG = "jpeg"
    """Both photos of a pair are compressed once more."""
    SIZE = "size"
    """Both photos are shrunk until the face's box has a given height."""
    PHOTOS = "photos"
    """The number of enrolled photos per person."""


@dataclass(frozen=True, slots=True)
class StudyRow:
    """The result of a study for one value.

    Attributes:
        value: JPEG quality, height of the face in pixels, or number of enrolled photos.
        score: Accuracy of verification; for ``photos`` the rank-1 rate.
        standard_error: Standard error of the score, over folds or draws.
        cases: Number of pairs, or of probes of one draw, that the score is measured on.
        val: VAL at the strict false accept rate; None for ``photos``.
        missed: Number of photos in which no face was found; None for ``photos``.

    """

    value: int
    score: float
    standard_error: float
    cases: int
    val: float | None = None
    missed: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Original:
    """Unchanged photos and their vectors.

    Attributes:
        paths: The n photos, in the order of ``pairs.photos``.
        pairs: The pairs.
        vectors: Vectors of the unchanged photos.
        distance: The measure of distance.

    """

    paths: list[Path]
    pairs: Pairs
    vectors: PhotoVectors
    distance: Distance


Steps = Mapping[str, tuple[int, Change]]
"""Each value of a study with the change that it means, by the name of the stage."""


def jpeg_steps(qualities: Sequence[int] = QUALITIES) -> Steps:
    """Compress the photos once more at each quality."""

    def at(quality: int) -> Change:
        return lambda image, _: recompressed(image, quality)

    return {f"JPEG {quality}": (quality, at(quality)) for quality in qualities}


def size_steps(heights: NDArray[np.float32], sizes: Sequence[int] = HEIGHTS) -> Steps:
    """Shrink each photo until the face's box has each of the sizes in pixels.

    Faces are then detected anew in the small photo, and no photo is enlarged.

    Args:
        heights: (n,) height of each box in the unchanged photo, in pixels.
        sizes: The wanted heights.

    """

    def at(size: int) -> Change:
        return lambda image, index: shrunk(image, size / float(heights[index]))

    return {f"{size} pixels": (size, at(size)) for size in sizes}


def study_steps(
    original: Original, steps: Steps, reader: PhotoEmbedder, progress: Progress
) -> list[StudyRow]:
    """Run the protocol on the photos as each step changes them."""
    rows = []
    for stage, (value, change) in steps.items():
        vectors = reader.read(original.paths, progress, stage, change)
        pairs = original.pairs
        distances = pair_distances(vectors.joined(), pairs.rows, original.distance, reader.cohort)
        found = verify_folds(distances, pairs.same, pairs.folds)
        rows.append(
            StudyRow(
                value, found.accuracy, found.standard_error, len(pairs), found.val, vectors.missed
            )
        )
    return rows
