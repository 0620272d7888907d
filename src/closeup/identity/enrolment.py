"""Enrolment: from a folder of photos to the vectors of a gallery, with a check of each photo."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from closeup.errors import ImageError, MembersError
from closeup.frames import RGBImage
from closeup.geometry import Size, areas
from closeup.identity.defects import UNFIT_TO_ENROL, defects
from closeup.identity.description import mirrored_mean
from closeup.media.images import IMAGE_SUFFIXES, read_image
from closeup.progress import Progress
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


def find_photos(folder: Path) -> dict[str, list[Path]]:
    """The photos of each member: ``NAME/*.jpg`` or ``NAME.jpg``, sorted by name.

    Hidden files and folders are ignored. Names are converted to Unicode's composed form (NFC),
    since some file systems decompose them.

    Raises:
        MembersError: the folder cannot be read, or it or a member's folder holds no photo.

    """
    members: dict[str, list[Path]] = {}
    for entry in _visible(folder):
        if entry.is_dir():
            photos = [path for path in _visible(entry) if _is_photo(path)]
            if not photos:
                raise MembersError(f"{entry} holds no photo; add one, or take the folder away")
            members.setdefault(_name(entry.name), []).extend(photos)
        elif _is_photo(entry):
            members.setdefault(_name(entry.stem), []).append(entry)
    if not members:
        raise MembersError(f"{folder}: no photo of anybody; add NAME/*.jpg or NAME.jpg")
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
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except FileNotFoundError:
        raise MembersError(
            f"{folder}: no such folder; make one with a folder of photos for each member"
        ) from None
    except OSError as error:
        raise MembersError(f"{folder} cannot be read as a folder ({error.strerror})") from error


def _is_photo(path: Path) -> bool:
    return path.suffix.lower() in IMAGE_SUFFIXES


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
