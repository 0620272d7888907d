"""Embeddings side by side: near and far faces, people who look alike, size and time.

The people are those of LFW's second development set (View 1, test part); no shipped embedding has
learnt them. Each photo is enrolled as it is; a copy of it, as from a camera far from a stage, is a
probe, as in a calibration (``closeup.evaluation.known_faces``). Distances are relative to the
cohort of ``dlib-128``, which is of other people; vectors of ``closeup-128`` lie among dlib's. Those
of added files are plain.

- *photos*: pairs of two photos; *far*: a photo and the copy of another one. The share of the pairs
  of one person that is accepted where one in a hundred (a thousand) of the others is.
- *look-alikes*: a probe beside the centroid of up to five other photos of its person, and those of
  the ten people who are most like that person by dlib's embedding: the share of the probes whose
  own person is nearest, and that is accepted where one in a hundred of the others is.
- *time*: of 16 faces on one thread, relative to dlib's in the same run; the least of several.

``--embedder`` adds files; they are measured without a calibration, too.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.few_shot import held_out_people
from benchmarks.recording import save, settings, shared_data, show
from closeup.cohort import Cohort, relative_distances, unit_length
from closeup.evaluation.curves import accepted_share
from closeup.evaluation.known_faces import MOST_PHOTOS, KnownFaces, read_known_faces
from closeup.evaluation.verification import threshold_at_far
from closeup.faces import Faces
from closeup.identity.calibration import calibration_of
from closeup.models.catalog import find
from closeup.opening import open_detector, open_embedder
from closeup.progress import Silent
from closeup.protocols import Embedder

TEACHER = "dlib-128"
SHIPPED = (TEACHER, "closeup-128")
RATES = (0.01, 0.001)
ALIKE, ENROLLED = 10, 5
"""People most like a person, and most photos of a centroid."""
ROUNDS, BATCH = 12, 16


def main() -> None:
    """Measure, print the table and write the JSON, unless files were added."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--embedder", action="append", default=[], help="an ONNX file to add")
    added: list[str] = parser.parse_args().embedder
    names = [*SHIPPED, *added]
    opened = {
        name: open_embedder(name, settings=settings(), threads=1, calibrated=False)
        for name in names
    }
    cohort = calibration_of(open_embedder(TEACHER, settings=settings())).cohort
    faces = {name: known_faces(embedder) for name, embedder in opened.items()}
    similar = most_alike(faces[TEACHER])
    times = seconds_of(opened)
    rows = [
        {
            "embedder": Path(name).name,
            **Distances(cohort if name in SHIPPED else None).figures(faces[name], similar),
            "time": round(times[name] / times[TEACHER], 2),
            "megabytes": round(size_of(name) / 1e6, 1),
        }
        for name in names
    ]
    show("Embeddings, in percent of the pairs or probes of one person", rows)
    if not added:
        save("embeddings", {"rows": rows})


def known_faces(embedder: Embedder) -> KnownFaces:
    """Return the faces of the second development set."""
    folder = shared_data() / "lfw" / "images"
    people = [sorted((folder / name).glob("*.jpg")) for name in held_out_people()]
    detector = open_detector("yunet-n", settings=settings(), progress=Silent(), threads=1)
    return read_known_faces([own[:MOST_PHOTOS] for own in people], detector, embedder, Silent())


@dataclass(frozen=True)
class Distances:
    """Distances by an embedding's cohort; plain ones without one."""

    cohort: Cohort | None

    def figures(self, faces: KnownFaces, similar: NDArray[np.int64]) -> dict[str, float]:
        """Return one row's shares in percent."""
        found: dict[str, float] = {}
        kinds = {"photos": faces.enrolled, "far": unit_length(faces.probe)}
        for name, probes in kinds.items():
            own, others = self.pairs(faces, probes)
            for rate in RATES:
                found[f"{name} at {100 * rate:g} %"] = accepted(own, others, rate)
        for name, probes in kinds.items():
            own, others = self.look_alikes(faces, probes, similar)
            nearest = 100 * float((own < others.min(axis=1)).mean())
            found[f"look-alikes, {name}: nearest"] = round(nearest, 1)
            found[f"look-alikes, {name} at 1 %"] = accepted(own, others.ravel(), RATES[0])
        return found

    def pairs(
        self, faces: KnownFaces, probes: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return distances of photos and probes of other photos: of one person, and of two."""
        apart = relative_distances(probes, faces.enrolled, self.cohort)
        same = faces.person[:, None] == faces.person
        return apart[same & ~np.eye(len(same), dtype=bool)], apart[~same]

    def look_alikes(
        self, faces: KnownFaces, probes: NDArray[np.float32], similar: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return distances (n,) of probes to their people, and (n, ALIKE) to those like them."""
        people = faces.by_person()
        centroids = np.concatenate([faces.centroid(rows[:ENROLLED]) for rows in people])
        own, others = [], []
        for person, rows in enumerate(people):
            for row in rows if len(rows) > 2 else ():
                rest = faces.centroid(rows[rows != row][:ENROLLED])
                known = np.concatenate([rest, centroids[similar[person]]])
                apart = relative_distances(probes[row : row + 1], known, self.cohort)[0]
                own.append(apart[0])
                others.append(apart[1:])
        return np.array(own), np.array(others)


def accepted(own: NDArray[np.floating], others: NDArray[np.floating], rate: float) -> float:
    """Return the percentage of ``own`` below the distance that ``rate`` of ``others`` is below."""
    limit = threshold_at_far(others.astype(np.float64), rate)
    return round(100 * float(accepted_share(own.astype(np.float64), limit)), 1)


def most_alike(faces: KnownFaces) -> NDArray[np.int64]:
    """Return for each person the others (people, ALIKE) whose mean vectors are nearest."""
    apart = relative_distances(faces.means, faces.means, None)
    np.fill_diagonal(apart, np.inf)
    return np.argsort(apart, axis=1)[:, :ALIKE]


def seconds_of(embedders: dict[str, Embedder]) -> dict[str, float]:
    """Return the least time of a batch, measured in turn."""
    random = np.random.default_rng(0)
    chips = {
        name: list(random.integers(0, 256, (BATCH, *one_chip(embedder)), np.uint8))
        for name, embedder in embedders.items()
    }
    least = dict.fromkeys(embedders, np.inf)
    for _ in range(ROUNDS):
        for name, embedder in embedders.items():
            start = time.perf_counter()
            embedder.embed(chips[name])
            least[name] = min(least[name], time.perf_counter() - start)
    return least


def size_of(name: str) -> int:
    """Return the length of an embedder's file in bytes."""
    return find(name).size if name in SHIPPED else Path(name).stat().st_size


def one_chip(embedder: Embedder) -> tuple[int, ...]:
    """Return the shape of a chip."""
    photo = np.zeros((64, 64, 3), np.uint8)
    face = Faces.of(np.array([[16.0, 16, 48, 48]]), np.ones(1))
    return embedder.chips(photo, face)[0].shape


if __name__ == "__main__":
    main()
