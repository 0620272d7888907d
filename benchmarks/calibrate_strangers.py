"""Find the crowd of typical faces, and how near strangers come to each other.

Makes what ``closeup.identity.crowd`` loads (``--write`` puts it in its place) and reproduces the
table in ``closeup.identity.false_accepts``, on the 4,038 people of LFW's development set (View 1):
one photo of each against one photo, or the centroid of several, of everybody else. The centres
are k-means of everybody's mean vector: no photo and no single person can be read from them.

How to read it: "code" and "measured" are relative distances; "genuine" is the share of another
photo of the same person that is nearer. The second table takes probes made as small, dark and
blurred as on a stage: one limit is right for all of them.
"""

from __future__ import annotations

import argparse
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.vq import kmeans2

import closeup.identity.crowd
from benchmarks.lfw_sample import Sample, sampled
from benchmarks.recording import save, show
from closeup.identity.crowd import Crowd, distances, relative_distances, unit_length
from closeup.identity.false_accepts import _RATES, distance_at

CENTRES = 128
"""64 to 128 do as well as all people; fewer are worse, more begin to know single people."""
PHOTOS = (1, 2, 3, 5, 8)
LEAST_PAIRS = 20
"""A quantile with fewer pairs beyond it says nothing."""
FILE = Path(closeup.identity.crowd.__file__).parent / "crowds" / "dlib-128.npz"


def main() -> None:
    """Measure, print tables and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, help="so many of View 1, at random; by default all")
    parser.add_argument("--cache", type=Path, help="keep the embeddings in this .npz file")
    parser.add_argument("--write", action="store_true", help=f"write {FILE.name} into the package")
    chosen = parser.parse_args()
    sample = sampled(chosen.people, chosen.cache)
    crowd = found_crowd(sample)
    if chosen.write:
        FILE.parent.mkdir(exist_ok=True)
        np.savez(FILE, centres=crowd.centres.astype(np.float16), radius=np.float32(crowd.radius))
    result = {
        "people": len(sample.by_person()),
        "radius": round(crowd.radius, 4),
        "by_photos": by_photos(sample, crowd),
        "by_weight": by_weight(sample, crowd),
    }
    save("calibrate_strangers", result)
    show("Strangers by the number of photos", result["by_photos"])  # type: ignore[arg-type]
    show("Strangers by the weight of a probe", result["by_weight"])  # type: ignore[arg-type]


def found_crowd(sample: Sample) -> Crowd:
    """Typical faces of everybody's mean vectors, and the mean distance to the nearest one."""
    means = unit_length(np.array([sample.enrolled[r].mean(axis=0) for r in sample.by_person()]))
    centres, _ = kmeans2(means.astype(np.float64), CENTRES, minit="++", seed=0)
    centres = unit_length(unit_length(centres).astype(np.float16))
    return Crowd(centres, float(distances(means, centres).min(axis=1).mean()))


def by_photos(sample: Sample, crowd: Crowd) -> list[dict[str, object]]:
    """One row a rate and number of photos."""
    rng = np.random.default_rng(0)
    people = sample.by_person()
    probes = sample.enrolled[[rng.choice(rows) for rows in people]]
    found: list[dict[str, object]] = []
    for photos in PHOTOS:
        shown = [number for number, rows in enumerate(people) if len(rows) >= photos]
        orders = [rng.permutation(people[number]) for number in shown]
        centroids = unit_length(
            np.array([sample.enrolled[order[:photos]].mean(axis=0) for order in orders])
        )
        apart = relative_distances(probes, centroids, crowd)
        strangers = np.ones_like(apart, bool)
        strangers[shown, np.arange(len(shown))] = False
        genuine = own_distances(sample, orders, centroids, photos, crowd)
        found += rows_of(np.sort(apart[strangers]), genuine, photos)
    return found


def own_distances(
    sample: Sample,
    orders: list[NDArray[np.int64]],
    centroids: NDArray[np.float32],
    photos: int,
    crowd: Crowd,
) -> NDArray[np.float32]:
    """Of up to four photos of each person that are not in the centroid."""
    return np.concatenate(
        [
            relative_distances(sample.enrolled[order[photos:][:4]], centroid[None], crowd)[:, 0]
            for order, centroid in zip(orders, centroids, strict=True)
        ]
    )


def rows_of(
    strangers: NDArray[np.float32], genuine: NDArray[np.float32], photos: int
) -> list[dict[str, object]]:
    """One row a rate."""
    rows: list[dict[str, object]] = []
    for rate in _RATES.tolist():
        if rate * len(strangers) < LEAST_PAIRS:
            continue
        measured = float(strangers[int(rate * len(strangers))])
        rows.append(
            {
                "photos": photos,
                "strangers_accepted": rate,
                "code": round(distance_at(rate, photos), 4),
                "measured": round(measured, 4),
                "genuine_accepted": round(float((genuine < measured).mean()), 4),
            }
        )
    return rows


def by_weight(sample: Sample, crowd: Crowd) -> list[dict[str, object]]:
    """Shares of strangers within the code's distances, for probes of different quality."""
    rng = np.random.default_rng(0)
    people = sample.by_person()
    photos = sample.enrolled[[rows[0] for rows in people]]
    edges = (0.0, 0.1, 0.3, 0.5, 0.7, 1.01)
    found: list[dict[str, object]] = []
    for low, high in pairwise(edges):
        rows = np.flatnonzero((sample.weight >= low) & (sample.weight < high))
        rows = rng.choice(rows, min(len(rows), 1000), replace=False)
        apart = relative_distances(sample.probe[rows], photos, crowd)
        strangers = apart[sample.person[rows][:, None] != np.arange(len(people))]
        shares = {
            f"at {rate:g}": float(f"{(strangers < distance_at(rate)).mean():.2g}")
            for rate in (1e-2, 1e-3, 1e-4)
        }
        found.append({"weight": f"{low} to {min(high, 1.0)}", "probes": len(rows), **shares})
    return found


if __name__ == "__main__":
    main()
