"""The split of people into those for training and those held out for validation."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from closeup.errors import InputError
from closeup.files.folders import list_folder
from closeup.files.passed_over import PassedOver
from closeup.formats.csv_labels import read_labels
from closeup.media.images import IMAGE_SUFFIXES
from closeup.progress import Progress, Silent


@dataclass(frozen=True, slots=True)
class PeoplePhotos:
    """Photos grouped by person.

    Attributes:
        folder: Folder of the photos.
        photos: Photos of each person, as paths relative to the folder with forward slashes.

    """

    folder: Path
    photos: dict[str, tuple[str, ...]]

    @property
    def paths(self) -> list[Path]:
        """Return all photos, in order."""
        return [self.folder / photo for own in self.photos.values() for photo in own]

    def only(self, names: Iterable[str]) -> PeoplePhotos:
        """Return the photos of the named people alone."""
        chosen = set(names)
        return PeoplePhotos(self.folder, {p: own for p, own in self.photos.items() if p in chosen})

    def fingerprint(self) -> str:
        """Return a digest that changes with the photos' names and sizes."""
        digest = hashlib.sha256()
        for path in self.paths:
            name = path.relative_to(self.folder).as_posix()
            digest.update(f"{name}\0{path.stat().st_size}\0".encode("utf-8", "surrogateescape"))
        return digest.hexdigest()


def person_of(photo: str) -> str:
    """Return the folder of a photo; the photo's own name if it is in no folder.

    Backslashes count as slashes, as tables made on Windows have them.
    """
    folder = PurePosixPath(photo.replace("\\", "/")).parent.as_posix()
    return photo if folder == "." else folder


def find_people(
    folder: Path, keep_out: Path | None = None, progress: Progress | None = None
) -> PeoplePhotos:
    """Find people with one folder of photos each.

    Args:
        folder: Searched with its subfolders.
        keep_out: A table of labels; the people of its photos are excluded. None excludes no one.
        progress: Receives the number of files without a photo's suffix; silent if None.

    Raises:
        InputError: no folder, no photo in it, an unreadable table or one of other people only,
            or too few people left.

    """
    photos: dict[str, list[str]] = {}
    listing = list_folder(folder, IMAGE_SUFFIXES)
    for path in listing.files:
        name = path.relative_to(folder).as_posix()
        photos.setdefault(person_of(name), []).append(name)
    PassedOver(progress or Silent(), listing.others).say_sum()
    if not photos:
        raise InputError(f"{folder}: no photo in it; give a folder with a folder for each person")
    if keep_out:
        excluded = {person_of(label.image) for label in read_labels(keep_out)} & photos.keys()
        if not excluded:
            raise InputError(
                f"{keep_out}: none of its people has a folder in {folder}, so it would exclude no "
                "one; write its names relative to that folder, or leave it out"
            )
        for person in excluded:
            del photos[person]
    if len(photos) < 2:
        raise InputError(
            f"{folder}: photos of {len(photos)} people to use, where one must be kept apart to "
            "judge by; give photos of more people, in a folder each"
        )
    return PeoplePhotos(folder, {person: tuple(own) for person, own in sorted(photos.items())})


def split_people(
    people: PeoplePhotos, held_out: float, seed: int
) -> tuple[PeoplePhotos, PeoplePhotos]:
    """Split people into training and validation; each side gets at least one.

    A digest of seed and name decides, so that adding or removing people moves few others.

    Args:
        people: At least two people.
        held_out: Share of the people for validation.
        seed: Selects the split.

    """
    order = sorted(people.photos, key=lambda person: _digest(seed, person))
    count = min(max(1, round(held_out * len(order))), len(order) - 1)
    return people.only(order[count:]), people.only(order[:count])


def _digest(seed: int, person: str) -> bytes:
    return hashlib.sha256(f"{seed}\0{person}".encode("utf-8", "surrogateescape")).digest()
