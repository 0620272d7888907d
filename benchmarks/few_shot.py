"""Accuracy of identification with five photos per person, and its rate of false accepts.

Two tasks on Labeled Faces in the Wild, each with the gallery and the limits of
``closeup identify``, one photo at a time (a video has dozens of faces of each person):

- *fifty people*: 50 of those in LFW's second development set (View 1, test part, not used in any
  fit) with six photos or more; up to ten more photos of each are probes, and one photo
  of every other person in that set is a non-member;
- *look-alikes*: five people of one sex and age group (``look_alikes.py``); the non-members are of
  the same group. Some of these people are among those whose mean faces made the cohort.

How to read it: "rank 1" is the share of probes whose nearest member is the right one. "Named" are
those near enough to get a name, "wrong" those that get another member's name. The standard
deviation is over the draws, which share people.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.look_alikes import MEN_UP_TO_37, WOMEN_UP_TO_40
from benchmarks.recording import save, settings, shared_data, show
from closeup.embedding_calibration import EmbeddingCalibration
from closeup.evaluation.photo_vectors import PhotoEmbedder
from closeup.identity.calibration import calibration_of
from closeup.identity.gallery import Gallery
from closeup.opening import open_detector, open_embedder
from closeup.progress import Silent

PHOTOS = 5
"""Number of enrolled photos per member."""
MOST_PROBES = 10
MOST_PHOTOS = PHOTOS + MOST_PROBES

Vectors = Mapping[str, NDArray[np.float32]]


def main() -> None:
    """Measure, print a table and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=20)
    draws: int = parser.parse_args().draws
    held_out = held_out_people()
    vectors = embedded(sorted({*held_out, *WOMEN_UP_TO_40, *MEN_UP_TO_37}))
    tasks = {
        "fifty people": (held_out, 50, draws),
        "look-alikes: women up to 40": (WOMEN_UP_TO_40, 5, 10 * draws),
        "look-alikes: men up to 37": (MEN_UP_TO_37, 5, 10 * draws),
    }
    rows = [
        measured(task, {name: vectors[name] for name in people}, size, times)
        for task, (people, size, times) in tasks.items()
    ]
    save("few_shot", {"photos": PHOTOS, "rows": rows})
    show(f"Identification from {PHOTOS} photos each, in percent", rows)


def held_out_people() -> list[str]:
    """Return all people in the test part of View 1."""
    lines = (shared_data() / "lfw" / "peopleDevTest.txt").read_text().splitlines()[1:]
    return [line.split("\t")[0] for line in lines if line]


def embedded(people: Sequence[str]) -> dict[str, NDArray[np.float32]]:
    """Return the mirrored means of a limited number of photos of each person."""
    here, folder = settings(), shared_data() / "lfw" / "images"
    detector = open_detector("yunet-n", settings=here, progress=Silent(), threads=1)
    photos: list[Path] = []
    ends = []
    for name in people:
        photos += sorted((folder / name).glob("*.jpg"))[:MOST_PHOTOS]
        ends.append(len(photos))
    read = PhotoEmbedder(detector, open_embedder(settings=here, threads=1)).read(photos, Silent())
    return dict(zip(people, np.split(read.joined(), ends[:-1]), strict=True))


@cache
def calibration() -> EmbeddingCalibration:
    """Return the calibration of dlib's embedding."""
    return calibration_of(open_embedder(settings=settings()))


def measured(task: str, vectors: Vectors, size: int, draws: int) -> dict[str, object]:
    """Return one row: means over the draws, in percent."""
    results = np.array([drawn(vectors, size, np.random.default_rng(seed)) for seed in range(draws)])
    probes, strangers = results[:, 4].sum(), results[:, 5].sum()
    rank_1, named, wrong, accepted = 100 * results[:, :4].mean(axis=0)
    return {
        "task": task,
        "members": size,
        "rank 1": round(float(rank_1), 2),
        "rank 1, sd": round(float(100 * results[:, 0].std()), 2),
        "named right": round(float(named), 2),
        "named wrong": round(float(wrong), 3),
        "strangers named": round(float(accepted), 2),
        "draws": draws,
        "probes": int(probes),
        "strangers": int(strangers),
    }


def drawn(
    vectors: Vectors, size: int, rng: np.random.Generator
) -> tuple[float, float, float, float, int, int]:
    """Return rank 1, right, wrong and false names; numbers of probes and non-members."""
    able = [name for name, own in vectors.items() if len(own) > PHOTOS]
    members = rng.choice(able, min(size, len(able)), replace=False).tolist()
    shuffled = {name: rng.permutation(vectors[name]) for name in members}
    gallery = Gallery.of(calibration(), {name: own[:PHOTOS] for name, own in shuffled.items()})
    probes = [own[PHOTOS:] for own in shuffled.values()]
    truth = [name for name, own in zip(members, probes, strict=True) for _ in own]
    found = gallery.recognise(np.concatenate(probes), [1.0] * len(truth))
    right = np.array([f.best.name == name for f, name in zip(found, truth, strict=True)])
    named = np.array([f.accepted for f in found])
    strangers = np.array([rng.choice(own) for name, own in vectors.items() if name not in members])
    taken = [f.accepted for f in gallery.recognise(strangers, [1.0] * len(strangers))]
    return (
        float(right.mean()),
        float((right & named).mean()),
        float((~right & named).mean()),
        float(np.mean(taken)),
        len(truth),
        len(strangers),
    )


if __name__ == "__main__":
    main()
