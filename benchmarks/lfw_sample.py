"""People of LFW's development set with embeddings of their photos as they are and made worse."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.recording import settings, shared_data
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import centres_of
from closeup.identity import quality
from closeup.identity.crowd import unit_length
from closeup.identity.gallery import mirrored_mean
from closeup.media.images import read_image
from closeup.opening import open_detector, open_embedder
from closeup.progress import Silent
from closeup.protocols import Embedder, FaceDetector

MOST_PHOTOS = 12
"""Of one person; a few people have hundreds."""
HEIGHTS = (24.0, 110.0)
"""Of the probes' faces, in pixels."""

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One row for every photo.

    Attributes:
        missed: In how many photos no face was found.
        person: (n,) whose photo it is, counted from 0.
        enrolled: (n, d) mirrored mean of the photo as it is, at unit length.
        probe: (n, d) embedding of the photo made worse, at unit length.
        height: (n,) of the probe's face box, in pixels.
        sharpness: (n,) of the probe.
        turned: (n,) how far the probe's head is turned aside, 0..1.
        weight: (n,) how much the probe counts, 0..1.

    """

    missed: int
    person: NDArray[np.int64]
    enrolled: NDArray[np.float32]
    probe: NDArray[np.float32]
    height: Vector
    sharpness: Vector
    turned: Vector
    weight: Vector

    def by_person(self) -> list[NDArray[np.int64]]:
        """The rows of each person."""
        return np.split(np.arange(len(self.person)), np.flatnonzero(np.diff(self.person)) + 1)


ARRAYS = [name for name in Sample.__slots__ if name != "missed"]


def chosen_people(count: int | None) -> list[Path]:
    """Folders of the people of View 1, all or so many at random, in the list's order."""
    folder = shared_data() / "lfw"
    lines = (folder / "peopleDevTrain.txt").read_text().splitlines()[1:]
    people = [folder / "images" / line.split("\t")[0] for line in lines]
    if count is None or count >= len(people):
        return people
    chosen = np.random.default_rng(0).choice(len(people), count, replace=False)
    return [people[i] for i in np.sort(chosen)]


def sampled(people: int | None, cache: Path | None) -> Sample:
    """So many people, by default all; kept in ``cache`` from one run to the next."""
    if cache and cache.is_file():
        with np.load(cache) as arrays:
            return Sample(int(arrays["missed"]), *(arrays[name] for name in ARRAYS))
    sample = embedded(chosen_people(people))
    if cache:
        np.savez(cache, **asdict(sample))
    return sample


def embedded(people: list[Path]) -> Sample:
    """Everybody's photos and probes."""
    detector = open_detector("yunet-n", settings=settings(), progress=Silent())
    embedder = open_embedder(settings())
    rng = np.random.default_rng(0)
    columns: list[list[Any]] = [[] for _ in range(7)]
    missed = 0
    for number, folder in enumerate(people):
        for photo in sorted(folder.glob("*.jpg"))[:MOST_PHOTOS]:
            row = embedded_photo(read_image(photo), detector, embedder, rng)
            if row is None:
                missed += 1
                continue
            for column, value in zip(columns, (number, *row), strict=True):
                column.append(value)
    person = np.unique(columns[0], return_inverse=True)[1]
    enrolled, probe, *rest = (np.array(column) for column in columns[1:])
    return Sample(missed, person, unit_length(enrolled), unit_length(probe), *rest)


def embedded_photo(
    photo: RGBImage, detector: FaceDetector, embedder: Embedder, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32], float, float, float, float] | None:
    """One row of a sample without the person; None where no face is found."""
    middle = np.array([photo.shape[1], photo.shape[0]]) / 2
    face = nearest(detector.detect(photo), middle)
    if face is None:
        return None
    worse, scale = made_worse(photo, float(face.boxes[0, 3] - face.boxes[0, 1]), rng)
    found = nearest(detector.detect(worse), middle * scale) or face.scaled(scale, scale)
    chip = embedder.chips(worse, found)[0]
    height = float(found.boxes[0, 3] - found.boxes[0, 1])
    points = None if found.landmarks is None else found.landmarks[0]
    return (
        mirrored_mean(embedder, embedder.chips(photo, face))[0],
        embedder.embed([chip])[0],
        height,
        quality.sharpness(chip),
        0.0 if points is None else quality.turned(points),
        quality.weight(height, chip, points),
    )


def nearest(faces: Faces, point: Vector) -> Faces | None:
    """The face whose centre is nearest to (x, y)."""
    if not len(faces):
        return None
    away = np.linalg.norm(centres_of(faces.boxes) - point, axis=1)
    return faces[np.array([away.argmin()])]


def made_worse(photo: RGBImage, height: float, rng: np.random.Generator) -> tuple[RGBImage, float]:
    """The photo as a camera far from a stage sees it, and how much smaller it is."""
    wanted = float(np.exp(rng.uniform(*np.log(HEIGHTS))))
    scale = min(1.0, wanted / height)
    small = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    if rng.random() < 0.5:
        small = cv2.GaussianBlur(small, (0, 0), rng.uniform(0.3, 1.0))
    noisy = small * rng.uniform(0.5, 1.2) + rng.normal(0, 3, small.shape)
    pixels = np.clip(noisy, 0, 255).astype(np.uint8)
    compression = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(40, 90))]
    jpeg = cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), compression)[1]
    decoded = cv2.imdecode(jpeg, cv2.IMREAD_COLOR)
    assert decoded is not None
    return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB), np.uint8), scale
