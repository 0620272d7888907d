"""Whose photos are learnt from, and whose are kept apart to judge by."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from closeup.errors import InputError
from closeup.files.folders import files_below
from closeup.formats.csv_labels import read_labels
from closeup.media.images import IMAGE_SUFFIXES


@dataclass(frozen=True, slots=True)
class PeoplePhotos:
    """Photos by person.

    Attributes:
        folder: Where they are.
        photos: For each person the photos, as paths below the folder with forward slashes.

    """

    folder: Path
    photos: dict[str, tuple[str, ...]]

    @property
    def paths(self) -> list[Path]:
        """All photos, in order."""
        return [self.folder / photo for own in self.photos.values() for photo in own]

    def only(self, names: Iterable[str]) -> PeoplePhotos:
        """Some of the people."""
        chosen = set(names)
        return PeoplePhotos(self.folder, {p: own for p, own in self.photos.items() if p in chosen})

    def fingerprint(self) -> str:
        """Changes with the photos' names and sizes."""
        digest = hashlib.sha256()
        for path in self.paths:
            name = path.relative_to(self.folder).as_posix()
            digest.update(f"{name}\0{path.stat().st_size}\0".encode("utf-8", "surrogateescape"))
        return digest.hexdigest()


def person_of(photo: str) -> str:
    """The folder of a photo; of one in no folder its own name."""
    folder = PurePosixPath(photo).parent.as_posix()
    return photo if folder == "." else folder


def find_people(folder: Path, keep_out: Path | None = None) -> PeoplePhotos:
    """People with a folder of photos each.

    Args:
        folder: Searched through its sub-folders.
        keep_out: A table of labels: the people whose photos it names are left out.

    Raises:
        InputError: no folder, no photo in it, the table cannot be read, or nobody is left.

    """
    photos: dict[str, list[str]] = {}
    for path in files_below(folder, IMAGE_SUFFIXES):
        name = path.relative_to(folder).as_posix()
        photos.setdefault(person_of(name), []).append(name)
    if not photos:
        raise InputError(f"{folder}: no photo in it; give a folder with a folder for each person")
    for person in {person_of(label.image) for label in read_labels(keep_out)} if keep_out else ():
        photos.pop(person, None)
    if len(photos) < 2:
        raise InputError(
            f"{folder}: photos of {len(photos)} people to use, where one must be kept apart to "
            "judge by; give photos of more people, in a folder each"
        )
    return PeoplePhotos(folder, {person: tuple(own) for person, own in sorted(photos.items())})


def split_people(
    people: PeoplePhotos, held_out: float, seed: int
) -> tuple[PeoplePhotos, PeoplePhotos]:
    """Those to learn from, and those to judge by: at least one each.

    A digest of the seed and the name decides, so that a change of some people moves few others.

    Args:
        people: Two or more.
        held_out: Share of the people to judge by.
        seed: Another one keeps others apart.

    """
    order = sorted(people.photos, key=lambda person: _digest(seed, person))
    count = min(max(1, round(held_out * len(order))), len(order) - 1)
    return people.only(order[count:]), people.only(order[:count])


def _digest(seed: int, person: str) -> bytes:
    return hashlib.sha256(f"{seed}\0{person}".encode("utf-8", "surrogateescape")).digest()
