"""``closeup calibrate identity``: what the distances of an embedder mean, from labelled people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from closeup.atomic import claiming
from closeup.embedding_calibration import EmbeddingCalibration
from closeup.evaluation.calibrating import calibrate, check_enough, figures
from closeup.evaluation.known_faces import MOST_PHOTOS, read_known_faces
from closeup.evaluation.lfw_pairs import people_folder
from closeup.identity.calibration import save_calibration
from closeup.identity.enrolment import find_photos
from closeup.opening import calibration_place, open_detector, open_embedder
from closeup.progress import Progress, Silent
from closeup.settings import Settings


def calibrate_identity(
    faces: Path | str,
    embedder: str,
    *,
    out: Path | str | None = None,
    detector: str = "auto",
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> tuple[EmbeddingCalibration, dict[str, Any]]:
    """Measure an embedder on photos of labelled people, and save its calibration.

    The same photos give the same calibration.

    Args:
        faces: Folder with ``NAME/*.jpg``, or with such a folder ``images`` in it; the face nearest
            the middle of a photo counts, and up to twelve photos of a person.
        embedder: One of :data:`closeup.opening.EMBEDDERS`, or the path of a face embedding.
        out: The file; by default where the embedder's calibration is looked for.
        detector: One of :data:`closeup.opening.DETECTORS`; take the one that will be used.
        settings: Where model files are; by default what the environment says.
        progress: Gets one stage, and a line for each photo that cannot be read.

    Returns:
        The calibration, and figures: ``embedder``, ``detector``, ``file``,
        ``photos_without_a_face`` and those of :func:`closeup.evaluation.calibrating.figures`.

    Raises:
        InputError: the folder cannot be read, it shows too few people, or the embedder does not
            tell them apart.
        ModelError: a model cannot be opened.
        OutputError: the file cannot be written.

    """
    settings, progress = settings or Settings.from_environment(), progress or Silent()
    people = list(find_photos(people_folder(Path(faces))).values())
    check_enough(sum(len(photos) > 1 for photos in people), "have two photos or more")
    place = calibration_place(embedder, settings) if out is None else Path(out)
    finder = open_detector(detector, settings=settings, progress=progress, threads=1)
    network = open_embedder(settings, 1, embedder, calibrated=False)
    with claiming(place.parent):
        known = read_known_faces(people, finder, network, progress)
        calibration = calibrate(known, network.name)
        save_calibration(calibration, place)
    read = sum(min(len(photos), MOST_PHOTOS) for photos in people)
    return calibration, {
        "embedder": network.name,
        "detector": finder.name,
        "file": str(place),
        "photos_without_a_face": read - len(known.person),
        **figures(known, calibration),
    }
