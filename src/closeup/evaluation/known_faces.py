"""Faces of labelled people, from their photos and from degraded copies of these.

Embeddings are calibrated on these: the photos stand for those that members are enrolled with,
degraded copies (:func:`closeup.evaluation.sensitivity.seen_from_afar`) for the faces that are to be
identified.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from closeup.cohort import Cohort, relative_distances, unit_length
from closeup.errors import ImageError
from closeup.evaluation.photo_vectors import nearest_the_middle
from closeup.evaluation.sensitivity import seen_from_afar
from closeup.executors.threads import ordered_map
from closeup.faces import Faces
from closeup.files.passed_over import PassedOver
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.identity.description import mirrored_mean
from closeup.identity.quality import sharpness, turned
from closeup.media.images import read_image
from closeup.progress import Progress
from closeup.protocols import Embedder, FaceDetector

MOST_PHOTOS = 12
"""Largest number of photos of one person; a few people of LFW have hundreds."""

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class KnownFaces:
    """One row per photo with a found face, in the order of the people.

    Attributes:
        person: (n,) int64, number of the person, ascending from 0 without gaps.
        enrolled: (n, d) float32, mirrored mean of the original photo, of unit length.
        probe: (n, d) float32, embedding of the degraded copy, not normalised.
        height: (n,) height of the degraded copy's face box, in pixels.
        sharpness: (n,) sharpness of the degraded copy's chip.
        turned: (n,) rotation of its head towards profile, 0..1.

    """

    person: NDArray[np.int64]
    enrolled: NDArray[np.float32]
    probe: NDArray[np.float32]
    height: Vector
    sharpness: Vector
    turned: Vector

    def by_person(self) -> list[NDArray[np.int64]]:
        """The rows of each person."""
        return np.split(np.arange(len(self.person)), np.flatnonzero(np.diff(self.person)) + 1)

    @property
    def means(self) -> NDArray[np.float32]:
        """(people, d) mean of each person's enrolled faces, of unit length."""
        return unit_length(np.array([self.enrolled[r].mean(axis=0) for r in self.by_person()]))

    def centroid(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """(1, d) mean of some enrolled faces, of unit length."""
        return unit_length(self.enrolled[rows].mean(axis=0, keepdims=True))

    def apart(
        self, rows: NDArray[np.int64], probe: NDArray[np.floating], cohort: Cohort | None
    ) -> float:
        """Relative distance of a probe (d,), of any norm, from the centroid of some rows."""
        one = unit_length(probe[None])
        return float(relative_distances(one, self.centroid(rows), cohort)[0, 0])


class _Row(NamedTuple):
    person: int
    enrolled: NDArray[np.float32]
    probe: NDArray[np.float32]
    height: float
    sharpness: float
    turned: float


def read_known_faces(
    people: Sequence[Sequence[Path]],
    detector: FaceDetector,
    embedder: Embedder,
    progress: Progress,
) -> KnownFaces:
    """Embed up to twelve photos of each person, and a degraded copy of each.

    In each photo the face nearest the centre is used, as in Labeled Faces in the Wild. The same
    photos in the same order give the same rows.

    Args:
        people: Photos of each person.
        detector: Finds the faces; opened with one thread, since photos are read in parallel.
        embedder: Makes the vectors; opened likewise.
        progress: Receives one stage, and a line for each photo that cannot be read.

    """
    photos = [
        (number, place, path)
        for number, own in enumerate(people)
        for place, path in enumerate(own[:MOST_PHOTOS])
    ]

    def read(photo: tuple[int, int, Path]) -> _Row | ImageError | None:
        number, place, path = photo
        try:
            image = read_image(path)
        except ImageError as error:
            return error
        return _row(number, image, detector, embedder, np.random.default_rng([number, place]))

    progress.begin("embedding photos", len(photos))
    rows, passed = [], PassedOver(progress)
    for row in ordered_map(read, photos):
        if isinstance(row, ImageError):
            passed.leave_out(f"{row}; this photo is left out", row.kind)
        elif row is not None:
            rows.append(row)
        progress.advance()
    passed.say_sum()
    return _joined(rows, embedder.dimensions)


def _row(
    number: int,
    image: RGBImage,
    detector: FaceDetector,
    embedder: Embedder,
    random: np.random.Generator,
) -> _Row | None:
    """The row of one photo; None if no face is found."""
    face = _middle_face(image, detector)
    if not len(face):
        return None
    worse, scale = seen_from_afar(image, float(face.boxes[0, 3] - face.boxes[0, 1]), random)
    found = _middle_face(worse, detector)
    found = found if len(found) else face.scaled(scale, scale)
    (chip,) = embedder.chips(worse, found)
    return _Row(
        number,
        mirrored_mean(embedder, embedder.chips(image, face))[0],
        embedder.embed([chip])[0],
        float(found.boxes[0, 3] - found.boxes[0, 1]),
        sharpness(chip),
        0.0 if found.landmarks is None else turned(found.landmarks[0]),
    )


def _middle_face(image: RGBImage, detector: FaceDetector) -> Faces:
    return nearest_the_middle(detector.detect(image), Size(image.shape[1], image.shape[0]))


def _joined(rows: Sequence[_Row], dimensions: int) -> KnownFaces:
    columns = [np.array(column) for column in zip(*rows, strict=True)] or [np.empty(0)] * 6
    person, enrolled, probe, *measures = columns
    return KnownFaces(
        np.unique(person, return_inverse=True)[1].astype(np.int64),
        unit_length(enrolled.reshape(-1, dimensions)),
        probe.reshape(-1, dimensions).astype(np.float32),
        *(measure.astype(np.float64) for measure in measures),
    )
