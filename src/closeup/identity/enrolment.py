"""Enrolment: from a folder of photos to the vectors of a gallery, with a check of each photo."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from closeup.errors import ImageError, MembersError
from closeup.files.folders import is_hidden
from closeup.files.passed_over import NAMED
from closeup.frames import RGBImage
from closeup.geometry import Size, areas
from closeup.identity.defects import UNFIT_TO_ENROL, defects
from closeup.identity.description import mirrored_mean
from closeup.media.images import IMAGE_SUFFIXES, read_image
from closeup.progress import Progress, Silent
from closeup.protocols import Embedder, FaceDetector

_SECOND_FACE = 0.25
"""Share of the largest face's area from which a second face makes a photo ambiguous."""
_CONTROL = {"Cc", "Zl", "Zp"}


@dataclass(frozen=True, slots=True)
class Rejection:
    """A photo that was left out, and the reason."""

    member: str
    photo: Path
    reason: str


def find_photos(folder: Path, progress: Progress | None = None) -> dict[str, list[Path]]:
    """The photos of each member: ``NAME/*.jpg`` or ``NAME.jpg``, sorted by name.

    A file that is in a member's folder several times by links counts once. Hidden files and
    folders are ignored. Names are converted to Unicode's composed form (NFC), since some file
    systems decompose them.

    Args:
        folder: Folder of the members.
        progress: Receives one line about the other files and folders, if there are some: the
            first are named, since each may have been meant as a member. Silent if None.

    Raises:
        MembersError: the folder cannot be read, or it or a member's folder holds no photo.

    """
    members: dict[str, list[Path]] = {}
    others: list[str] = []
    for entry in _visible(folder):
        own = _visible(entry) if entry.is_dir() else [entry]
        photos = [path for path in own if _is_photo(path)]
        rest = [
            path.relative_to(folder).as_posix() + "/" * path.is_dir()
            for path in own
            if not _is_photo(path)
        ]
        others += rest
        if photos:
            name = _name(entry.name if entry.is_dir() else entry.stem)
            members.setdefault(name, []).extend(_once(photos))
        elif entry.is_dir():
            only = f", only {_few(rest)}" if rest else ""
            raise MembersError(f"{entry} holds no photo{only}; add one, or take the folder away")
    if not members:
        only = f", only {_few(others)}" if others else ""
        raise MembersError(f"{folder}: no photo of anybody{only}; add NAME/*.jpg or NAME.jpg")
    if others:
        number = f"{len(others)} file{'s' * (len(others) != 1)}"
        (progress or Silent()).say(
            f"{folder}: {number} passed over, without a photo's suffix: {_few(others)}"
        )
    return members


def enrolled_vectors(
    members: Mapping[str, Sequence[Path]],
    detector: FaceDetector,
    embedder: Embedder,
    progress: Progress,
) -> tuple[dict[str, NDArray[np.float32]], list[Rejection]]:
    """The vectors (n, d) of each member's photos, and the photos that were left out.

    Photos that cannot be used are reported to ``progress``.

    Raises:
        MembersError: a member has no usable photo left.

    """
    progress.begin("enrolling photos", sum(map(len, members.values())))
    vectors: dict[str, NDArray[np.float32]] = {}
    rejections: list[Rejection] = []
    for name, photos in members.items():
        chips: list[RGBImage] = []
        for photo in photos:
            chip = _usable_chip(photo, detector, embedder)
            progress.advance()
            if isinstance(chip, str):
                rejections.append(Rejection(name, photo, chip))
                progress.say(f"{photo}: {chip}; this photo is left out")
            else:
                chips.append(chip)
        if not chips:
            reasons = "; ".join(f"{r.photo.name}: {r.reason}" for r in rejections[-len(photos) :])
            raise MembersError(
                f"{name}: no photo can be used ({reasons}); "
                "add a sharp photo that shows this face alone"
            )
        vectors[name] = mirrored_mean(embedder, chips)
    return vectors, rejections


def _visible(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if not is_hidden(path.name))
    except FileNotFoundError:
        raise MembersError(
            f"{folder}: no such folder; make one with a folder of photos for each member"
        ) from None
    except OSError as error:
        raise MembersError(f"{folder} cannot be read as a folder ({error.strerror})") from error


def _is_photo(path: Path) -> bool:
    return path.suffix.lower() in IMAGE_SUFFIXES and not path.is_dir()


def _once(photos: Sequence[Path]) -> list[Path]:
    """The photos without further links to a file: they would count as further evidence."""
    first: dict[tuple[int, int] | Path, Path] = {}
    for photo in photos:
        try:
            place = photo.stat()
        except OSError:  # a link to nothing, which is reported when it is read
            first[photo] = photo
        else:
            first.setdefault((place.st_dev, place.st_ino), photo)
    return list(first.values())


def _few(names: Sequence[str]) -> str:
    """The first names, each on one line, and the number of the others."""
    named = ", ".join(_name(name) for name in names[:NAMED])
    return f"{named} and {len(names) - NAMED} more" if len(names) > NAMED else named


def _name(text: str) -> str:
    """A file's name as one line of valid Unicode.

    Bytes that are not UTF-8 are escaped; line breaks and control characters become spaces.
    """
    plain = text.encode("utf-8", "backslashreplace").decode("utf-8")
    line = "".join(" " if unicodedata.category(c) in _CONTROL else c for c in plain)
    return unicodedata.normalize("NFC", line)


def _usable_chip(photo: Path, detector: FaceDetector, embedder: Embedder) -> RGBImage | str:
    """The chip of a photo's face, or the reason why the photo cannot be used."""
    try:
        image = read_image(photo)
    except ImageError as error:
        return str(error).removeprefix(str(photo)).removeprefix(":").strip()
    faces = detector.detect(image)
    if not len(faces):
        return "no face found"
    size = areas(faces.boxes)
    largest = int(size.argmax())
    if (size >= _SECOND_FACE * size[largest]).sum() > 1:
        return "more than one face"
    face = faces[np.array([largest])]
    chip = embedder.chips(image, face)[0]
    unfit = [defect for defect in defects(face, chip, Size.of(image)) if defect in UNFIT_TO_ENROL]
    return f"the face is {unfit[0]}" if unfit else chip
