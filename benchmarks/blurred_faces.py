"""How blurred a face may be before other people's faces look like it.

One photo of each person of Labeled Faces in the Wild is blurred by 0 to 6 pixels, and compared with
another photo of each person that is left as it is, and with the blurred ones. Rows are ranges of
:func:`closeup.identity.quality.detail`, whose limit is ``BLURRED``.

- *match*: share of the blurred faces that are accepted as the person of the clear photo, at one
  false accept in a thousand.
- *stranger, clear* and *stranger, blurred*: share of the pairs of two people that are accepted as
  one, where the other face is clear, and where it is as blurred.

The limit is chosen on the people of View 1's training list: the lowest at which strangers who are
both blurred are accepted at most five times as often as stated. The people of the test list are
reported.

    python -m benchmarks.blurred_faces [--people N]
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.recording import save, settings, shared_data, show
from closeup.cohort import unit_length
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import areas
from closeup.identity.calibration import calibration_of
from closeup.identity.description import mirrored_mean
from closeup.identity.quality import detail
from closeup.identity.verification import RATE, verify
from closeup.media.images import read_image
from closeup.open_models import Models
from closeup.protocols import Embedder, FaceDetector

SIGMAS = (0, 1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6)
EDGES = (0, 0.11, 0.13, 0.15, 0.17, 0.19, 0.21, 0.24, 0.28, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Half:
    """Vectors (n, d), the number of the person of each, and (n,) detail of the blurred faces."""

    clear: NDArray[np.float32]
    clear_people: NDArray[np.int64]
    blurred: NDArray[np.float32]
    people: NDArray[np.int64]
    details: NDArray[np.float64]


def main() -> None:
    """Measure, print and save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=160)
    count: int = parser.parse_args().people
    models = Models(settings())
    detector, embedder = models.detector("yunet-n"), models.embedder()
    result = {}
    for name in ("peopleDevTrain.txt", "peopleDevTest.txt"):
        rows = table(half_of(name, count, detector, embedder), embedder)
        show(f"blurred faces of {count} people of {name}, in percent", rows)
        result[name.removesuffix(".txt")] = rows
    save("blurred_faces", {"people": count, **result})


def half_of(name: str, count: int, detector: FaceDetector, embedder: Embedder) -> Half:
    """The faces of people who have two photos."""
    folder = shared_data() / "lfw"
    lines = [line.split() for line in (folder / name).read_text().splitlines()[1:]]
    people = [words[0] for words in lines if len(words) == 2 and int(words[1]) > 1]
    clear: list[tuple[int, NDArray[np.float32]]] = []
    blurred: list[tuple[int, NDArray[np.float32], float]] = []
    for number, person in enumerate(people[:: max(1, len(people) // count)][:count]):
        first, second = (
            read_image(folder / "images" / person / f"{person}_{i:04d}.jpg") for i in (1, 2)
        )
        clear += [(number, vector(chip, embedder)) for chip in chips(second, detector, embedder)]
        for sigma in SIGMAS:
            worse = cv2.GaussianBlur(first, (0, 0), sigma) if sigma else first
            found = chips(np.asarray(worse, np.uint8), detector, embedder)
            blurred += [(number, vector(chip, embedder), detail(chip)) for chip in found]
    return Half(
        np.stack([row[1] for row in clear]), np.array([row[0] for row in clear]),
        np.stack([row[1] for row in blurred]), np.array([row[0] for row in blurred]),
        np.array([row[2] for row in blurred]),
    )  # fmt: skip


def chips(image: RGBImage, detector: FaceDetector, embedder: Embedder) -> list[RGBImage]:
    """The chip of the largest face; empty if no face is found."""
    faces: Faces = detector.detect(image)
    if not len(faces):
        return []
    return embedder.chips(image, faces[np.array([areas(faces.boxes).argmax()])])


def vector(chip: RGBImage, embedder: Embedder) -> NDArray[np.float32]:
    """The chip's vector of unit length."""
    return np.asarray(unit_length(mirrored_mean(embedder, [chip]))[0], np.float32)


def table(half: Half, embedder: Embedder) -> list[dict[str, object]]:
    """One row a range of detail."""
    calibration = calibration_of(embedder)
    limit = verify(half.clear[0], half.clear[0], calibration, RATE).threshold
    rows: list[dict[str, object]] = []
    for low, high in pairwise(EDGES):
        chosen = (half.details >= low) & (half.details < high)
        vectors, people = half.blurred[chosen], half.people[chosen]
        near = distances(vectors, half.clear) < limit
        same = people[:, None] == half.clear_people
        alike = distances(vectors, vectors) < limit
        others = people[:, None] != people
        rows.append(
            {
                "detail": f"{low:.2f} to {high:.2f}",
                "faces": int(chosen.sum()),
                "match": round(100 * float(near[same].mean()), 1),
                "stranger, clear": round(100 * float(near[~same].mean()), 2),
                "stranger, blurred": round(100 * float(alike[others].mean()), 2),
            }
        )
    return rows


def distances(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float64]:
    """Distance of each row of ``a`` from each row of ``b``."""
    return np.asarray(np.linalg.norm(a[:, None].astype(np.float64) - b[None], axis=2))


if __name__ == "__main__":
    main()
