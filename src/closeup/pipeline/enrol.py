"""A folder of photos as a gallery's file."""

from __future__ import annotations

from pathlib import Path

from closeup.identity.enrolment import find_photos
from closeup.identity.gallery import Gallery
from closeup.identity.gallery_file import save_gallery
from closeup.open_models import Models
from closeup.progress import Progress, Silent
from closeup.protocols import Embedder, FaceDetector


def enrol_members(
    members: Path | str,
    out: Path | str,
    *,
    detector: str | FaceDetector = "auto",
    embedder: str | Embedder = "dlib-128",
    models: Models | None = None,
    progress: Progress | None = None,
) -> Gallery:
    """Enrol all members and save the gallery.

    Args:
        members: Folder with ``NAME/*.jpg`` or ``NAME.jpg``.
        out: The file, ``*.npz``.
        detector: A detector, or a name of :data:`closeup.opening.DETECTORS`.
        embedder: An embedder, a name of :data:`closeup.opening.EMBEDDERS`, or the path of an
            ONNX file.
        models: Opens what is given by name; None for a new :class:`Models`.
        progress: Receives stages and messages; None for none.

    Raises:
        CalibrationError: the embedder has no calibration.
        MembersError: the folder cannot be read, or a member has no usable photo.
        ModelError: a model cannot be opened.
        OutputError: the file cannot be written.

    """
    models, progress = models or Models(), progress or Silent()
    photos = find_photos(Path(members))
    finder = models.detector(detector, progress=progress)
    network = models.embedder(embedder)
    gallery = Gallery.enrol(photos, finder, network, progress)
    save_gallery(gallery, Path(out))
    return gallery
