"""Quality of face clustering by person, compared with other clustering methods.

All methods get the same mirrored means of LFW photos at the same relative distances: connected
components of pairs below a limit, Chinese whispers (Biemann 2006; dlib's
``chinese_whispers_clustering``), average linkage (scipy) and our joining of centroids. The other
three use, for each kind of set, the limit that is best on such sets of LFW's development people;
ours is the same for all. Results are for people not used to choose any limit, those
of ``peopleDevTest.txt``.

How to read it: B-cubed precision is the share of a face's group that is the same person, recall
the share of the person's faces in the group, each averaged over all faces (Bagga and Baldwin 1998);
F1 is their harmonic mean. Groups of two faces or more are counted beside the people with two photos
or more. "alike" are the ten people most similar to each of 30 people, all with two photos or more.
Times are for real vectors with added noise, first of many people with about two photos, then of 20
people with hundreds, as in a long video.
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import squareform

from benchmarks.recording import save, settings, shared_data, show
from closeup.cohort import unit_length
from closeup.embedding_calibration import EmbeddingCalibration
from closeup.evaluation.photo_vectors import nearest_the_middle
from closeup.geometry import Size
from closeup.identity.calibration import calibration_of
from closeup.identity.clustering import ALONE, cluster_faces
from closeup.identity.description import mirrored_mean
from closeup.media.images import read_image
from closeup.opening import open_detector, open_embedder
from closeup.progress import Silent

MOST_PHOTOS = 30
"""Largest number of photos per person; a few people have hundreds."""
SIZES = (200, 1500)
SAMPLES = 5
ALIKE = 30
LIMITS: list[float] = np.arange(0.26, 0.421, 0.01).round(2).tolist()
SPEED = (5000, 20_000)

Vectors = NDArray[np.float32]
Numbers = NDArray[np.int64]
Cut = Callable[[float], Numbers]
"""Maps a limit to the group of each face."""


class Photos(NamedTuple):
    """Faces and their identities.

    Attributes:
        vectors: (n, d) of unit length.
        person: (n,) number of the person.

    """

    vectors: Vectors
    person: Numbers


def main() -> None:
    """Measure, print tables and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, help="keep the embeddings in .npz files like this")
    chosen = parser.parse_args()
    known, unknown = (photos_of(part, chosen.cache) for part in ("Train", "Test"))
    tuning, testing = samples(known), samples(unknown)
    rows = [row for name in testing for row in compared(name, tuning[name], testing[name])]
    speed = [timed(known, count, people) for count in SPEED for people in (count // 10, 20)]
    save("clustering", {"quality": rows, "speed": speed})
    show("People never seen before", rows)
    show("Time and memory of ours", speed)


def photos_of(part: str, cache: Path | None) -> Photos:
    """Return all people of a list of View 1."""
    file = cache and cache.with_stem(f"{cache.stem}-{part}")
    if file and file.is_file():
        with np.load(file) as arrays:
            return Photos(arrays["vectors"], arrays["person"])
    photos = embedded(shared_data() / "lfw", part)
    if file:
        np.savez(file, vectors=photos.vectors, person=photos.person)
    return photos


def embedded(folder: Path, part: str) -> Photos:
    """Embed the central face of each photo."""
    detector = open_detector("yunet-n", settings=settings(), progress=Silent())
    embedder = open_embedder(settings=settings())
    vectors, person = [], []
    lines = (folder / f"peopleDev{part}.txt").read_text().splitlines()[1:]
    for number, line in enumerate(lines):
        for path in sorted((folder / "images" / line.split("\t")[0]).glob("*.jpg"))[:MOST_PHOTOS]:
            photo = read_image(path)
            face = nearest_the_middle(detector.detect(photo), Size.of(photo))
            if len(face):
                vectors.append(mirrored_mean(embedder, embedder.chips(photo, face))[0])
                person.append(number)
    return Photos(unit_length(np.array(vectors)), np.array(person))


@cache
def calibration() -> EmbeddingCalibration:
    """Return the calibration of dlib's embedding."""
    return calibration_of(open_embedder(settings=settings()))


def samples(photos: Photos) -> dict[str, list[Photos]]:
    """Return the sets of photos to cluster, by name."""
    sets = {
        f"{size} photos": [chosen_people(photos, size, seed) for seed in range(SAMPLES)]
        for size in SIZES
    }
    return {**sets, "alike": look_alikes(photos)}


def chosen_people(photos: Photos, size: int, seed: int) -> Photos:
    """Choose random people with all their photos, until there are ``size`` photos."""
    order = np.random.default_rng(seed).permutation(photos.person.max() + 1)
    counts = np.cumsum(np.bincount(photos.person, minlength=len(order))[order])
    return of_people(photos, order[: 1 + int(np.searchsorted(counts, size))])


def look_alikes(photos: Photos) -> list[Photos]:
    """Return, for each of some people, the ten most similar people and the person."""
    several = np.flatnonzero(np.bincount(photos.person) >= 2)
    means = unit_length(
        np.array([photos.vectors[photos.person == p].mean(axis=0) for p in several])
    )
    apart = calibration().relative_distances(means, means)
    seeds = np.random.default_rng(0).choice(len(several), ALIKE, replace=False)
    return [of_people(photos, several[np.argsort(apart[seed])[:10]]) for seed in seeds]


def of_people(photos: Photos, people: Numbers) -> Photos:
    """Return the photos of these people, renumbered from 0."""
    rows = np.isin(photos.person, people)
    return Photos(photos.vectors[rows], np.unique(photos.person[rows], return_inverse=True)[1])


def compared(name: str, tuning: list[Photos], testing: list[Photos]) -> Iterator[dict[str, object]]:
    """Yield one row per clustering method."""
    counts = [np.bincount(photos.person) for photos in testing]
    for way, prepare in WAYS.items():
        limit = None if prepare is centroids else best_limit(prepare, tuning)
        found = [prepare(photos.vectors)(limit or 0) for photos in testing]
        yield {
            "set": name,
            "clustering": way,
            "limit": limit,
            "photos": mean([len(photos.person) for photos in testing]),
            "people": mean([len(each) for each in counts]),
            "with_two_or_more": mean([(each > 1).sum() for each in counts]),
            "groups": mean(
                [(np.unique(numbers, return_counts=True)[1] > 1).sum() for numbers in found]
            ),
            **scored(found, testing),
        }


def mean(values: list[Any]) -> float:
    """Return the mean, rounded to one digit."""
    return round(float(np.mean(values)), 1)


def best_limit(prepare: Callable[[Vectors], Cut], tuning: list[Photos]) -> float:
    """Return the limit with the highest F1."""
    cuts = [prepare(photos.vectors) for photos in tuning]
    scores = [scored([cut(limit) for cut in cuts], tuning)["f1"] for limit in LIMITS]
    return LIMITS[int(np.argmax(scores))]


def scored(found: list[Numbers], sets: list[Photos]) -> dict[str, float]:
    """Return the means over all sets."""
    each = [b_cubed(numbers, photos.person) for numbers, photos in zip(found, sets, strict=True)]
    figures = np.mean(each, axis=0).round(4).tolist()
    return dict(zip(("precision", "recall", "f1"), figures, strict=True))


def b_cubed(numbers: Numbers, person: Numbers) -> tuple[float, float, float]:
    """Return B-cubed precision, recall and F1."""
    met = csr_array((np.ones(len(person)), (numbers, person))).tocsr()
    met.sum_duplicates()
    shared = met.tocoo()
    squares = shared.data**2
    precision = (squares / np.bincount(numbers)[shared.row]).sum() / len(person)
    recall = (squares / np.bincount(person)[shared.col]).sum() / len(person)
    return precision, recall, 2 * precision * recall / (precision + recall)


def components(vectors: Vectors) -> Cut:
    """Connected components: faces linked by a chain of near pairs form a group."""
    apart = calibration().relative_distances(vectors, vectors)
    return lambda limit: connected_components(apart < limit)[1].astype(np.int64)


def chinese_whispers(vectors: Vectors) -> Cut:
    """Chinese whispers: each face repeatedly takes the most frequent number of its neighbours."""
    apart = calibration().relative_distances(vectors, vectors)

    def cut(limit: float) -> Numbers:
        rng, numbers = np.random.default_rng(0), np.arange(len(apart))
        near = [np.flatnonzero(row < limit) for row in apart]
        for _ in range(20):
            for i in rng.permutation(len(apart)):
                others = near[i][near[i] != i]
                if len(others):
                    numbers[i] = np.bincount(numbers[others]).argmax()
        return numbers

    return cut


def average_linkage(vectors: Vectors) -> Cut:
    """Average linkage: groups with the smallest average distance are joined first."""
    apart = calibration().relative_distances(vectors, vectors)
    tree = linkage(squareform(apart, checks=False), "average")
    return lambda limit: fcluster(tree, limit, "distance").astype(np.int64) - 1


def centroids(vectors: Vectors) -> Cut:
    """Our method, which needs no limit; single faces get a group number, too."""
    numbers = cluster_faces(vectors, calibration())
    alone = numbers == ALONE
    numbers[alone] = numbers.max(initial=-1) + 1 + np.arange(alone.sum())
    return lambda _: numbers


WAYS: dict[str, Callable[[Vectors], Cut]] = {
    "connected components": components,
    "Chinese whispers": chinese_whispers,
    "average linkage": average_linkage,
    "centroids (ours)": centroids,
}


def timed(photos: Photos, count: int, people: int) -> dict[str, object]:
    """Return seconds and memory for ``count`` faces of ``people`` people."""
    rng = np.random.default_rng(0)
    chosen = np.argsort(-np.bincount(photos.person), kind="stable")[:people]
    rows = rng.choice(np.flatnonzero(np.isin(photos.person, chosen)), count)
    vectors = photos.vectors[rows] + rng.normal(0, 0.015, (count, 128)).astype(np.float32)
    tracemalloc.start()
    start = time.perf_counter()
    numbers = cluster_faces(vectors, calibration())
    seconds, peak = time.perf_counter() - start, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return {
        "faces": count,
        "people": people,
        "groups": int(numbers.max()) + 1,
        "seconds": round(seconds, 1),
        "megabytes": round(peak / 1e6),
    }


if __name__ == "__main__":
    main()
