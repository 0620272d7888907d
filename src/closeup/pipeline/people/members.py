"""The members: enrolled from photos, loaded from a gallery's file, or given as a gallery."""

from __future__ import annotations

from pathlib import Path

from closeup.errors import GalleryError
from closeup.files.atomic import claiming_file
from closeup.identity.calibration import calibration_of
from closeup.identity.enrolment import find_photos
from closeup.identity.gallery import Gallery
from closeup.identity.gallery_file import (
    SUFFIX,
    load_gallery,
    read_gallery_header,
    save_gallery,
)
from closeup.open_models import Models
from closeup.opening import EMBEDDERS
from closeup.progress import Progress, Silent
from closeup.protocols import Embedder, FaceDetector
from closeup.rotation import checked_rotation

Members = Gallery | Path | dict[str, list[Path]]
"""A gallery, a gallery's file, or the photos of each member."""


def find_members(source: Path | str | Gallery, progress: Progress | None = None) -> Members:
    """Find the gallery or the photos of a source, before any model is opened.

    Args:
        source: Folder with ``NAME/*.jpg`` or ``NAME.jpg``, a file ``*.npz``, or a gallery.
        progress: Receives what is in the folder and is no photo; silent if None.

    Raises:
        MembersError: the folder cannot be read, or holds no photo of anybody.

    """
    if isinstance(source, Gallery):
        return source
    source = Path(source)
    if source.suffix.lower() == SUFFIX and not source.is_dir():
        return source
    return find_photos(source, progress)


def embedder_for(found: Members, embedder: str | Embedder) -> str | Embedder:
    """The embedder to open for members: ``auto`` is the one that made their gallery.

    Args:
        found: Result of :func:`find_members`.
        embedder: As it was given.

    Raises:
        GalleryError: the file is no gallery, or ``auto`` is to open the embedder of a gallery that
            was made by a file or an object.

    """
    if embedder != "auto" or not isinstance(found, Gallery | Path):
        return embedder
    made_by = found.embedder if isinstance(found, Gallery) else read_gallery_header(found).embedder
    if made_by not in EMBEDDERS:
        raise GalleryError(
            f"the gallery was made by {made_by}; give that embedder or its file, "
            "or enrol the photos again"
        )
    return made_by


def open_members(
    found: Members,
    detector: FaceDetector,
    embedder: Embedder,
    progress: Progress,
    *,
    strict: bool = False,
) -> Gallery:
    """Enrol a folder's photos, or load what ``closeup enrol`` saved.

    Args:
        found: Result of :func:`find_members`.
        detector: Finds the faces on the photos.
        embedder: Computes the vectors; a gallery must come from the same embedder.
        progress: Receives the photos and members that cannot be used, and why.
        strict: Whether a member without a usable photo is an error.

    Raises:
        MembersError: no member has a usable photo.
        UnusableMembersError: ``strict``, and a member has no usable photo.
        CalibrationError: the embedder has no calibration.
        GalleryError: the file is no gallery, or the gallery is of another embedder.

    """
    if isinstance(found, Gallery):
        if found.embedder != embedder.name:
            raise GalleryError(
                f"the gallery was made by {found.embedder}, whose vectors do not compare with "
                f"those of {embedder.name}; give that embedder, or enrol the photos again"
            )
        return found
    if isinstance(found, Path):
        return load_gallery(found, calibration_of(embedder))
    return Gallery.enrol(found, detector, embedder, progress, strict=strict)


def enrol_members(
    members: Path | str,
    out: Path | str,
    *,
    detector: str | FaceDetector = "auto",
    embedder: str | Embedder = "auto",
    strict: bool = False,
    rotate: int = 0,
    models: Models | None = None,
    progress: Progress | None = None,
) -> Gallery:
    """Enrol all members and save the gallery.

    A member without a usable photo is reported and left out.

    Args:
        members: Folder with ``NAME/*.jpg`` or ``NAME.jpg``.
        out: The file, ``*.npz``.
        detector: A detector, or a name of :data:`closeup.opening.DETECTORS`.
        embedder: An embedder, a name of :data:`closeup.opening.EMBEDDERS`, or the path of an
            ONNX file.
        strict: Whether a member without a usable photo is an error; nothing is saved then.
        rotate: Rotation of all photos; see :func:`closeup.find_faces`.
        models: Opens models given by name; None for a new :class:`Models`.
        progress: Receives stages and messages; silent if None.

    Returns:
        The gallery, with the photos and members that were left out.

    Raises:
        CalibrationError: the embedder has no calibration.
        MembersError: the folder cannot be read, or no member has a usable photo.
        UnusableMembersError: ``strict``, and a member has no usable photo.
        ModelError: a model cannot be opened.
        OutputError: the file cannot be written.
        ValueError: ``rotate`` is no quarter turn.

    """
    checked_rotation(rotate)
    models, progress = models or Models(), progress or Silent()
    photos, out = find_photos(Path(members), progress), Path(out)
    finder = models.detector(detector, threads=1, progress=progress)  # photos run in parallel
    finder = models.turned_detector(finder, photos=True)
    network = models.embedder(embedder, threads=1)
    with claiming_file(out):
        gallery = Gallery.enrol(photos, finder, network, progress, strict=strict, rotate=rotate)
        save_gallery(gallery, out)
    return gallery
