"""The members, from a folder of photos or from a gallery's file."""

from __future__ import annotations

from pathlib import Path

from closeup.identity.calibration import calibration_of
from closeup.identity.enrolment import Rejection, enrol, find_photos
from closeup.identity.gallery import Gallery
from closeup.identity.gallery_file import SUFFIX, load_gallery
from closeup.progress import Progress
from closeup.protocols import Embedder, FaceDetector

MemberFiles = Path | dict[str, list[Path]]
"""A gallery's file, or the photos of each member."""


def find_members(source: Path) -> MemberFiles:
    """What there is to read, before any model is opened.

    Args:
        source: Folder with ``NAME/*.jpg`` or ``NAME.jpg``, or a file ``*.npz``.

    Raises:
        MembersError: the folder cannot be read or holds no photo, or that of a member.

    """
    if source.suffix.lower() == SUFFIX and not source.is_dir():
        return source
    return find_photos(source)


def open_members(
    found: MemberFiles, detector: FaceDetector, embedder: Embedder, progress: Progress
) -> tuple[Gallery, list[Rejection]]:
    """Enrol a folder's photos, or load what ``closeup enrol`` saved.

    Args:
        found: What :func:`find_members` gave.
        detector: Finds the faces on the photos.
        embedder: Makes the vectors; a file must be of the same.
        progress: Hears which photos cannot be used and why.

    Returns:
        The gallery, and the photos that were left out; none for a file.

    Raises:
        MembersError: a member has no usable photo.
        CalibrationError: the embedder has no calibration.
        GalleryError: the file is no gallery, or of another embedder.

    """
    if isinstance(found, Path):
        return load_gallery(found, calibration_of(embedder)), []
    return enrol(found, detector, embedder, progress)
