"""Reads the faces of people's photos for a training of an embedding."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from closeup.cohort import unit_length
from closeup.embedding_calibration import EmbeddingCalibration
from closeup.errors import ImageError, InputError
from closeup.evaluation.lfw_pairs import people_folder, read_people_names
from closeup.evaluation.photo_vectors import nearest_the_middle
from closeup.executors.threads import ordered_map
from closeup.files.passed_over import PassedOver
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.identity.description import mirrored_mean
from closeup.identity.enrolment import find_photos
from closeup.landmarks.alignment import face_chip
from closeup.media.images import read_image
from closeup.progress import Progress
from closeup.protocols import Embedder, FaceDetector, Landmarker
from closeup.training.identity.samples import FaceChips

_NAMED, _SAID = 3, 5
"""Names that a message gives as examples, and pairs of people that look alike."""


@dataclass(frozen=True, slots=True)
class KeptOut:
    """People that are not learnt from, because they are measured on.

    Attributes:
        lists: Lists of pairs such as LFW's ``pairs.txt``, or of people such as
            ``peopleDevTest.txt``.
        folds: The folds of a list of pairs that are measured on, from 1; empty for all.

    """

    lists: tuple[Path, ...]
    folds: tuple[int, ...] = ()

    def names(self) -> frozenset[str]:
        """Folder names of the people.

        Raises:
            InputError: a list cannot be read, or has no such fold.

        """
        return frozenset[str]().union(*(read_people_names(own, self.folds) for own in self.lists))


@dataclass(frozen=True, slots=True, eq=False)
class PeopleFaces:
    """The faces of people, one of each photo.

    Attributes:
        names: Names of the people, in the order of their numbers.
        photos: (n,) name of each face's photo.
        chips: The faces.
        origin: Where they are from: ``name`` of the folder, ``detector`` and ``teacher``.

    """

    names: tuple[str, ...]
    photos: tuple[str, ...]
    chips: FaceChips
    origin: Mapping[str, str | None] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.photos)

    def __getitem__(self, rows: NDArray[np.bool_]) -> PeopleFaces:
        """The faces that a mask selects; people keep their numbers."""
        photos = tuple(photo for photo, kept in zip(self.photos, rows, strict=True) if kept)
        return PeopleFaces(self.names, photos, self.chips[rows], self.origin)

    def without(self, names: frozenset[str]) -> PeopleFaces:
        """The faces of all people but these."""
        numbers = [number for number, name in enumerate(self.names) if name in names]
        return self[~np.isin(self.chips.people, numbers)]


class _Face(NamedTuple):
    chip: RGBImage
    target: NDArray[np.float32] | None
    digest: bytes


class _Row(NamedTuple):
    person: int
    photo: str
    face: _Face


@dataclass(frozen=True, slots=True)
class PeopleFaceReader:
    """Aligns the face nearest the middle of each photo.

    Attributes:
        detector: Finds the faces; opened with one thread, since photos are read in parallel.
        landmarker: dlib's five points.
        side: Side of a chip in pixels.
        teacher: Gives the vectors to learn; None for none. It sees each face as it is.

    """

    detector: FaceDetector
    landmarker: Landmarker
    side: int
    teacher: Embedder | None = None

    def read(self, people: dict[str, list[Path]], progress: Progress) -> PeopleFaces:
        """Read all photos, in order.

        Photos that cannot be read or show no face are left out, and so is a photo under the names
        of two people; copies of a photo of one person count once. Each is said.

        Args:
            people: Photos of each person.
            progress: Receives one stage, and a line about each kind of what is left out.

        Raises:
            InputError: no face is left.

        """
        photos = [(number, path) for number, own in enumerate(people.values()) for path in own]
        passed = PassedOver(progress, noun="photo")
        rows: list[_Row] = []
        progress.begin("aligning faces", len(photos))
        # Unnamed, so that its threads end with this function, also if that is cancelled.
        for number, path, face in ordered_map(self._read, photos):
            if isinstance(face, ImageError):
                passed.leave_out(f"{face}; this photo is left out", face.kind)
            elif face is None:
                passed.leave_out(f"{path}: no face is found", "without a face")
            else:
                rows.append(_Row(number, f"{path.parent.name}/{path.name}", face))
            progress.advance()
        passed.say_sum()
        kept = _once(rows, tuple(people), progress)
        if not kept:
            raise InputError("no photo shows a face; give photos of people's faces")
        return _joined(kept, tuple(people))

    def _read(self, photo: tuple[int, Path]) -> tuple[int, Path, _Face | ImageError | None]:
        number, path = photo
        return number, path, self._face(path)

    def _face(self, path: Path) -> _Face | ImageError | None:
        try:
            image = read_image(path)
        except ImageError as error:
            return error
        face = nearest_the_middle(self.detector.detect(image), Size.of(image))
        if not len(face):
            return None
        (points,) = self.landmarker.find(image, face)
        chip = face_chip(image, points, self.side)
        target = None
        if self.teacher is not None:
            target = mirrored_mean(self.teacher, self.teacher.chips(image, face))[0]
        return _Face(chip, target, hashlib.sha256(image.tobytes()).digest())


def _once(rows: Sequence[_Row], names: Sequence[str], progress: Progress) -> list[_Row]:
    """Leave out copies of a photo, and photos that two people share."""
    owners: dict[bytes, set[int]] = defaultdict(set)
    for row in rows:
        owners[row.face.digest].add(row.person)
    shared = {digest: sorted(own) for digest, own in owners.items() if len(own) > 1}
    if shared:
        pairs = sorted({(own[0], own[1]) for own in shared.values()})
        some = ", ".join(f"{names[a]} and {names[b]}" for a, b in pairs[:_NAMED])
        progress.say(
            f"{len(shared)} photos are in the folders of two people and left out, such as of {some}"
        )
    own = [row for row in rows if row.face.digest not in shared]
    kept = list({row.face.digest: row for row in reversed(own)}.values())[::-1]
    if copies := len(own) - len(kept):
        progress.say(f"{copies} copies of photos count once")
    return kept


def _joined(rows: Sequence[_Row], names: tuple[str, ...]) -> PeopleFaces:
    targets = [row.face.target for row in rows if row.face.target is not None]
    chips = FaceChips(
        np.stack([row.face.chip for row in rows]),
        np.array([row.person for row in rows], np.int64),
        unit_length(np.stack(targets)) if targets else None,
    )
    return PeopleFaces(names, tuple(row.photo for row in rows), chips)


def read_people(
    folder: Path, reader: PeopleFaceReader, keep_out: KeptOut | None, progress: Progress
) -> PeopleFaces:
    """Read the faces of a folder, except for those of people who are measured on.

    Args:
        folder: Has ``NAME/*.jpg``, or such a folder ``images``.
        reader: Aligns the faces.
        keep_out: People who are left out; None: nobody.
        progress: Receives one stage and messages.

    Raises:
        InputError: the folder or the list cannot be read, or nobody is left.

    """
    people = find_photos(people_folder(folder), progress)
    if keep_out:
        kept_out = keep_out.names() & people.keys()
        people = {name: own for name, own in people.items() if name not in kept_out}
        lists = ", ".join(map(str, keep_out.lists))
        progress.say(f"{len(kept_out)} people of {lists} are not learnt from")
        if not people:
            raise InputError(f"{folder}: all people are in {lists}")
    faces = reader.read(people, progress)
    calibration = reader.teacher.calibration if reader.teacher else None
    if calibration is not None:
        alike = list(look_alikes(faces, calibration))
        for first, second in alike[:_SAID]:
            progress.say(f"{first} and {second} may be one person: they look alike")
        if len(alike) > _SAID:
            progress.say(f"{len(alike) - _SAID} more pairs of people look alike")
    teacher = reader.teacher.name if reader.teacher else None
    origin = {"name": folder.name, "detector": reader.detector.name, "teacher": teacher}
    return replace(faces, origin=origin)


def look_alikes(faces: PeopleFaces, calibration: EmbeddingCalibration) -> Iterator[tuple[str, str]]:
    """Yield pairs of people who look like one by the teacher, the most alike first.

    They may be one person in two folders.

    Args:
        faces: Faces with targets.
        calibration: That of the teacher.

    """
    targets, people = faces.chips.targets, faces.chips.people
    if targets is None:
        return
    numbers = np.unique(people)
    means = unit_length(np.stack([targets[people == number].mean(axis=0) for number in numbers]))
    apart = calibration.relative_distances(means, means)
    first, second = np.nonzero(np.triu(apart < calibration.same_person, 1))
    for place in np.argsort(apart[first, second]):
        yield faces.names[numbers[first[place]]], faces.names[numbers[second[place]]]
