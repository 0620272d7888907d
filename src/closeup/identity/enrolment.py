"""From a folder of photos to a gallery: which photos are good enough, and why others are not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from closeup.errors import ImageError, MembersError
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import areas
from closeup.identity.gallery import Gallery, mirrored_mean
from closeup.identity.quality import sharpness
from closeup.media.images import IMAGE_SUFFIXES, read_image
from closeup.progress import Progress
from closeup.protocols import Embedder, FaceDetector

_SECOND_FACE = 0.25
"""A second face counts when its area is at least this share of the largest one's."""
_SMALLEST_FACE = 24
_BLURRED = 7.0
"""Sharpness below which a photo names the wrong person with confidence."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A photo that was left out, and why."""

    photo: Path
    reason: str


def find_photos(folder: Path) -> dict[str, list[Path]]:
    """The photos of each member: ``NAME/*.jpg`` or ``NAME.jpg``, sorted by name.

    Raises:
        MembersError: the folder does not exist or holds no photo.

    """
    if not folder.is_dir():
        raise MembersError(
            f"{folder}: no such folder; make one with a folder of photos for each member"
        )
    members: dict[str, list[Path]] = {}
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            members.setdefault(entry.name, []).extend(_photos(entry))
        elif entry.suffix.lower() in IMAGE_SUFFIXES:
            members.setdefault(entry.stem, []).append(entry)
    members = {name: photos for name, photos in members.items() if photos}
    if not members:
        raise MembersError(f"{folder}: no photo of anybody; add NAME/*.jpg or NAME.jpg")
    return members


def enrol(
    members: Mapping[str, list[Path]],
    detector: FaceDetector,
    embedder: Embedder,
    progress: Progress,
) -> tuple[Gallery, list[Rejection]]:
    """Build the gallery of all members.

    Photos that cannot be used are named through ``progress`` and left out, and so is the
    fact that two members look like one person.

    Raises:
        MembersError: a member has no usable photo left.

    """
    vectors: dict[str, NDArray[np.float32]] = {}
    rejections: list[Rejection] = []
    for name, photos in members.items():
        chips: list[RGBImage] = []
        for photo in photos:
            chip = _usable_chip(photo, detector, embedder)
            if isinstance(chip, Rejection):
                rejections.append(chip)
                progress.say(f"{photo}: {chip.reason}; this photo is left out")
            else:
                chips.append(chip)
        if not chips:
            reasons = "; ".join(f"{r.photo.name}: {r.reason}" for r in rejections[-len(photos) :])
            raise MembersError(
                f"{name}: no photo can be used ({reasons}); "
                "add a sharp photo that shows this face alone"
            )
        vectors[name] = mirrored_mean(embedder, chips)
    gallery = Gallery.of(embedder.name, vectors)
    for a, b in gallery.same_people():
        progress.say(f"{a} and {b} look like the same person; check their photos")
    return gallery, rejections


def _photos(folder: Path) -> Iterator[Path]:
    found = (path for path in folder.iterdir() if path.suffix.lower() in IMAGE_SUFFIXES)
    return iter(sorted(path for path in found if not path.name.startswith(".")))


def _usable_chip(photo: Path, detector: FaceDetector, embedder: Embedder) -> RGBImage | Rejection:
    try:
        image = read_image(photo)
    except ImageError as error:
        return Rejection(photo, str(error).removeprefix(f"{photo}: "))
    faces = detector.detect([image])[0]
    if not len(faces):
        return Rejection(photo, "no face found")
    size = areas(faces.boxes)
    largest = int(size.argmax())
    if (size >= _SECOND_FACE * size[largest]).sum() > 1:
        return Rejection(photo, "more than one face")
    if faces.boxes[largest, 3] - faces.boxes[largest, 1] < _SMALLEST_FACE:
        return Rejection(photo, f"the face is less than {_SMALLEST_FACE} pixels high")
    chip = _chip(image, faces[np.array([largest])], embedder)
    if sharpness(chip) < _BLURRED:
        return Rejection(photo, "too blurred")
    return chip


def _chip(image: RGBImage, face: Faces, embedder: Embedder) -> RGBImage:
    return embedder.chips(image, face)[0]
