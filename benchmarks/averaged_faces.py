"""What an embedding gains on faces from afar when several faces of a person are averaged.

A fancam names a person of a video by the mean of some tens of faces, whose noise cancels out; an
identification names each face by itself. The people are those of LFW's second development set
(View 1, test part) with two photos; no shipped embedding has learnt them. One photo of each is
enrolled, of the other there are several copies as from a camera far from a stage, each degraded by
itself (``closeup.evaluation.sensitivity.seen_from_afar``). Distances are relative to the cohort of
each embedder's calibration.

A row has the share of the people whose averaged copies are accepted as them where one in a hundred
(a thousand) of the others is, and of those who are nearest to themselves among all.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from benchmarks.embeddings import RATES, SHIPPED, accepted
from benchmarks.few_shot import held_out_people
from benchmarks.recording import save, settings, shared_data, show
from closeup.cohort import relative_distances, unit_length
from closeup.evaluation.photo_vectors import nearest_the_middle
from closeup.evaluation.sensitivity import seen_from_afar
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.identity.calibration import calibration_of
from closeup.identity.description import mirrored_mean
from closeup.media.images import read_image
from closeup.opening import open_detector, open_embedder
from closeup.progress import Silent
from closeup.protocols import Embedder

COPIES = 6
AVERAGED = (1, 2, 3, 6)
TRIES = 3 * COPIES
"""Copies that are made of a photo until a face was found in enough of them."""

Pictured = tuple[RGBImage, Faces]
"""A picture with its one face."""


def main() -> None:
    """Measure, print the table and write the JSON."""
    people = list(photos_and_copies())
    rows = []
    for name in SHIPPED:
        embedder = open_embedder(name, settings=settings(), threads=1)
        enrolled = np.array([photo_vector(embedder, photo) for photo, _ in people])
        probes = np.array([copy_vectors(embedder, copies) for _, copies in people])
        rows += [row(embedder, enrolled, probes[:, :count]) for count in AVERAGED]
    show(f"{len(people)} people, faces from afar, in percent", rows)
    save("averaged_faces", {"people": len(people), "rows": rows})


def photos_and_copies() -> Iterator[tuple[Pictured, list[Pictured]]]:
    """Yield the enrolled photo and the copies of another one, of each person with two photos."""
    detector = open_detector("yunet-n", settings=settings(), progress=Silent(), threads=1)
    random = np.random.default_rng(0)

    def found(image: RGBImage) -> Pictured:
        return image, nearest_the_middle(detector.detect(image), Size.of(image))

    folder = shared_data() / "lfw" / "images"
    for name in held_out_people():
        paths = sorted((folder / name).glob("*.jpg"))[:2]
        photos = [found(read_image(path)) for path in paths]
        if len(photos) < 2 or not all(len(faces) for _, faces in photos):
            continue
        image, face = photos[1]
        height = float(face.boxes[0, 3] - face.boxes[0, 1])
        made = (found(seen_from_afar(image, height, random)[0]) for _ in range(TRIES))
        copies = list(islice((pictured for pictured in made if len(pictured[1])), COPIES))
        if len(copies) == COPIES:
            yield photos[0], copies


def photo_vector(embedder: Embedder, photo: Pictured) -> NDArray[np.float32]:
    """Return the vector (d,) of an enrolled photo."""
    (chip,) = embedder.chips(*photo)
    return np.asarray(unit_length(mirrored_mean(embedder, [chip]))[0], np.float32)


def copy_vectors(embedder: Embedder, copies: list[Pictured]) -> NDArray[np.float32]:
    """Return the unit vectors (COPIES, d) of copies."""
    return unit_length(embedder.embed([embedder.chips(*copy)[0] for copy in copies]))


def row(
    embedder: Embedder, enrolled: NDArray[np.float32], probes: NDArray[np.float32]
) -> dict[str, str | float]:
    """Return one row; ``probes`` (n, k, d) are averaged over k."""
    cohort = calibration_of(embedder).cohort
    apart = relative_distances(unit_length(probes.sum(axis=1)), enrolled, cohort)
    own, others = np.diag(apart), apart[~np.eye(len(apart), dtype=bool)]
    nearest = float((apart.argmin(axis=1) == np.arange(len(apart))).mean())
    return {
        "embedder": embedder.name,
        "faces": probes.shape[1],
        **{f"at {100 * rate:g} %": accepted(own, others, rate) for rate in RATES},
        "nearest": round(100 * nearest, 1),
    }


if __name__ == "__main__":
    main()
