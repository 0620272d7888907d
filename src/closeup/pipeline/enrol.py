"""A folder of photos as a gallery's file."""

from __future__ import annotations

from pathlib import Path

from closeup.identity.calibration import calibration_of
from closeup.identity.enrolment import Rejection, enrol, find_photos
from closeup.identity.gallery import Gallery
from closeup.identity.gallery_file import save_gallery
from closeup.opening import open_detector, open_embedder
from closeup.progress import Progress, Silent
from closeup.settings import Settings


def enrol_members(
    members: Path | str,
    out: Path | str,
    *,
    detector: str = "auto",
    embedder: str = "dlib-128",
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> tuple[Gallery, list[Rejection]]:
    """Enrol all members and save the gallery.

    Args:
        members: Folder with ``NAME/*.jpg`` or ``NAME.jpg``.
        out: The file, ``*.npz``.
        detector: One of :data:`closeup.opening.DETECTORS`.
        embedder: One of :data:`closeup.opening.EMBEDDERS`, or the path of a face embedding.
        settings: Where model files are; by default what the environment says.
        progress: Hears which photos are left out and why; nobody by default.

    Returns:
        The gallery, and the photos that were left out.

    Raises:
        CalibrationError: the embedder has no calibration.
        MembersError: the folder cannot be read, or a member has no usable photo.
        ModelError: a model cannot be opened.
        OutputError: the file cannot be written.

    """
    settings, progress = settings or Settings.from_environment(), progress or Silent()
    photos = find_photos(Path(members))
    finder = open_detector(detector, settings=settings, progress=progress)
    network = open_embedder(settings, name=embedder)
    calibration_of(network, embedder)
    gallery, rejections = enrol(photos, finder, network, progress)
    save_gallery(gallery, Path(out))
    return gallery, rejections
