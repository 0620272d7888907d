"""Study of the number of enrolled photos that identification needs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from closeup.cohort import Cohort, relative_distances, unit_length
from closeup.errors import InputError
from closeup.evaluation.photo_vectors import PhotoEmbedder
from closeup.evaluation.sensitivity import StudyRow
from closeup.files.folders import list_folder
from closeup.files.passed_over import PassedOver
from closeup.identity.gallery import centroids
from closeup.media.images import IMAGE_SUFFIXES
from closeup.progress import Progress, Silent

COUNTS = (1, 2, 3, 5, 8)
"""Numbers of enrolled photos per person."""
DRAWS = 10
"""Number of random draws of the enrolled photos."""
_MOST_PHOTOS = 12
"""Largest number of photos of one person; some people of LFW have hundreds."""


def find_people(
    root: Path, seed: int = 0, progress: Progress | None = None
) -> dict[str, list[Path]]:
    """People with at least one photo more than are enrolled, with at most twelve photos each.

    Args:
        root: Folder of ``NAME/*.jpg``.
        seed: Seed of the choice of photos of people who have more.
        progress: Receives the number of files without a photo's suffix; silent if None.

    Raises:
        InputError: there are fewer than two such people.

    """
    random = np.random.default_rng(seed)
    people: dict[str, list[Path]] = {}
    passed = PassedOver(progress or Silent())
    for folder in sorted(path for path in root.iterdir() if path.is_dir()):
        listing = list_folder(folder, IMAGE_SUFFIXES)
        passed.add(listing.others)
        photos = listing.files
        if len(photos) > max(COUNTS):
            drawn = random.permutation(len(photos))[:_MOST_PHOTOS]
            people[folder.name] = [photos[i] for i in np.sort(drawn)]
    passed.say_sum()
    if len(people) < 2:
        raise InputError(
            f"{root}: less than two people have {max(COUNTS) + 1} photos; "
            "leave out --study photos, or give all of LFW"
        )
    return people


def study_photos(
    people: dict[str, list[Path]], reader: PhotoEmbedder, progress: Progress
) -> list[StudyRow]:
    """Rank-1 identification among all people, by centroids of each number of photos.

    In each of ten draws the photos of each person are put in a random order. The first eight
    are for enrolment, the others are the probes, the same for every number of enrolled
    photos. A probe is right if the nearest centroid is that of its person. The standard
    error is that of the mean over draws, which share the people.

    Args:
        people: Photos of each person, nine or more; as :func:`find_people` gives them.
        reader: Embeds the photos.
        progress: Receives one stage, with a report for each photo.

    """
    paths = [path for photos in people.values() for path in photos]
    vectors = reader.read(paths, progress, "embedding enrolment photos").joined()
    ends = np.cumsum([len(photos) for photos in people.values()])
    by_name = dict(zip(people, np.split(vectors, ends[:-1]), strict=True))
    random = np.random.default_rng(0)
    draws = []
    for _ in range(DRAWS):
        drawn = {name: random.permutation(own) for name, own in by_name.items()}
        draws.append([_rank_1(drawn, count, reader.cohort) for count in COUNTS])
    rates = np.array(draws)
    errors = rates.std(axis=0, ddof=1) / np.sqrt(DRAWS)
    probes = len(paths) - max(COUNTS) * len(people)
    return [
        StudyRow(count, float(rate), float(error), probes)
        for count, rate, error in zip(COUNTS, rates.mean(axis=0), errors, strict=True)
    ]


def _rank_1(drawn: dict[str, NDArray[np.float32]], count: int, cohort: Cohort | None) -> float:
    """Share of the probes whose nearest centroid is that of their person."""
    enrolled = unit_length(np.concatenate([own[:count] for own in drawn.values()]))
    members = centroids(enrolled, np.repeat(np.arange(len(drawn)), count), len(drawn))
    probes = [own[max(COUNTS) :] for own in drawn.values()]
    owners = np.repeat(np.arange(len(probes)), [len(own) for own in probes])
    apart = relative_distances(unit_length(np.concatenate(probes)), members, cohort)
    nearest = apart.argmin(axis=1)
    return float((nearest == owners).mean())
