"""``closeup calibrate identity``: what the distances of an embedder mean, from labelled people."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from closeup.embedding_calibration import EmbeddingCalibration
from closeup.evaluation.calibrating import calibrate, check_enough, figures
from closeup.evaluation.known_faces import MOST_PHOTOS, read_known_faces
from closeup.evaluation.lfw_pairs import people_folder, read_people_names
from closeup.files.atomic import claiming_file
from closeup.identity.calibration import calibration_place, save_calibration
from closeup.identity.enrolment import find_photos
from closeup.open_models import Models
from closeup.opening import open_embedder
from closeup.progress import Progress, Silent
from closeup.protocols import Embedder, FaceDetector


def calibrate_identity(
    faces: Path | str,
    embedder: str | Embedder,
    *,
    out: Path | str | None = None,
    only: Sequence[Path] = (),
    keep_out: Sequence[Path] = (),
    detector: str | FaceDetector = "auto",
    models: Models | None = None,
    progress: Progress | None = None,
) -> tuple[EmbeddingCalibration, dict[str, Any]]:
    """Measure an embedder on photos of labelled people, and save its calibration.

    The same photos give the same calibration.

    Args:
        faces: Folder with ``NAME/*.jpg``, or with such a folder ``images`` in it; the face nearest
            the middle of a photo counts, and up to twelve photos of a person.
        embedder: An embedder, a name of :data:`closeup.opening.EMBEDDERS`, or the path of an
            ONNX file.
        out: The file; None for the path where a named embedder's calibration is looked for.
        only: Lists such as LFW's ``peopleDevTest.txt``; other people are left out. Empty for all.
        keep_out: Lists of people, or of pairs, who are left out, such as those that the embedder
            learnt from.
        detector: A detector, or a name of :data:`closeup.opening.DETECTORS`; use the detector of
            later searches.
        models: Opens models given by name; None for a new :class:`Models`.
        progress: Receives one stage, and a line for each photo that cannot be read; silent if
            None.

    Returns:
        The calibration, and figures: ``embedder``, ``detector``, ``file``,
        ``photos_without_a_face`` and those of :func:`closeup.evaluation.calibrating.figures`.

    Raises:
        InputError: the folder cannot be read, it shows too few people, or the embedder does not
            separate them.
        ModelError: a model cannot be opened.
        OutputError: the file cannot be written.
        ValueError: ``embedder`` is an object and ``out`` is None.

    """
    models, progress = models or Models(), progress or Silent()
    found = find_photos(people_folder(Path(faces)), progress)
    chosen = _chosen(found, only, keep_out)
    people = [own for name, own in found.items() if name in chosen]
    check_enough(sum(len(photos) > 1 for photos in people), "have two photos or more")
    place = _place(embedder, models) if out is None else Path(out)
    finder = models.detector(detector, threads=1, progress=progress)
    if isinstance(embedder, str):
        network = open_embedder(embedder, settings=models.settings, threads=1, calibrated=False)
    else:
        network = models.embedder(embedder, calibrated=False)
    return calibrate_people(people, network, finder, place, progress)


def _chosen(
    names: Collection[str], only: Sequence[Path], keep_out: Sequence[Path]
) -> frozenset[str]:
    """The names of people that lists choose."""
    chosen = frozenset[str]().union(*map(read_people_names, only)) if only else frozenset(names)
    return chosen.difference(*map(read_people_names, keep_out))


def calibrate_people(
    people: Sequence[Sequence[Path]],
    embedder: Embedder,
    detector: FaceDetector,
    out: Path,
    progress: Progress,
) -> tuple[EmbeddingCalibration, dict[str, Any]]:
    """Measure an embedder on photos of each of some people; see :func:`calibrate_identity`."""
    with claiming_file(out):
        known = read_known_faces(people, detector, embedder, progress)
        calibration = calibrate(known, embedder.name)
        save_calibration(calibration, out)
    read = sum(min(len(photos), MOST_PHOTOS) for photos in people)
    return calibration, {
        "embedder": embedder.name,
        "detector": detector.name,
        "file": str(out),
        "photos_without_a_face": read - len(known.person),
        **figures(known, calibration),
    }


def _place(embedder: str | Embedder, models: Models) -> Path:
    """Path where the calibration of a named embedder is looked for."""
    if isinstance(embedder, str):
        return calibration_place(embedder, models.settings)
    raise ValueError("give out, the file for the calibration of an embedder of your own")
