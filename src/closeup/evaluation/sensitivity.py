"""How the result on LFW changes with worse photos, and with more photos of each person."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from closeup.evaluation.degradation import recompressed, shrunk
from closeup.evaluation.distances import Distance, pair_distances
from closeup.evaluation.lfw_pairs import Pairs
from closeup.evaluation.photo_vectors import Change, PhotoEmbedder, PhotoVectors
from closeup.evaluation.verification import verify
from closeup.progress import Progress

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
