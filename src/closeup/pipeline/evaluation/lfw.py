"""``closeup evaluate lfw``: face verification on Labeled Faces in the Wild (LFW)."""

from __future__ import annotations

import time
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from closeup.evaluation.distances import Distance, pair_distances
from closeup.evaluation.enrolment_study import find_people, study_photos
from closeup.evaluation.lfw_pairs import find_photos, people_folder, read_pairs
from closeup.evaluation.lfw_report import (
    photos_record,
    studies_record,
    verification_record,
    write_report,
    write_studies,
)
from closeup.evaluation.photo_vectors import PhotoEmbedder
from closeup.evaluation.sensitivity import (
    Original,
    Study,
    StudyRow,
    jpeg_steps,
    size_steps,
    study_steps,
)
from closeup.files.atomic import claiming
from closeup.open_models import Models
from closeup.progress import Progress, Silent
from closeup.protocols import Embedder, FaceDetector


@dataclass(frozen=True, slots=True)
class LfwOptions:
    """Options of the measurement.

    Attributes:
        mirrored: Whether the vector of a photo is the mean with that of its mirror image.
        distance: Distance measure between two vectors.
        studies: Sensitivity studies to add.
        sample: Number of random pairs of each kind and fold to use; None for all.
        folds: Folds that are used, from 1, such as those whose people an embedding did not learn
            from; empty for all.

    """

    mirrored: bool = True
    distance: Distance = Distance.UNIT
    studies: tuple[Study, ...] = ()
    sample: int | None = None
    folds: tuple[int, ...] = ()


def evaluate_lfw(
    folder: Path | str,
    pairs_file: Path | str,
    options: LfwOptions | None = None,
    *,
    detector: str | FaceDetector = "auto",
    embedder: str | Embedder = "dlib-128",
    out: Path | str | None = None,
    models: Models | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Run the protocol of View 2 and the requested studies.

    Args:
        folder: LFW: one folder per person, or the folder that holds these in ``images``.
        pairs_file: ``pairs.txt``, or a list of View 1.
        options: Options of the measurement; None for the defaults.
        detector: A detector, or a name of :data:`closeup.opening.DETECTORS`.
        embedder: An embedder, a name of :data:`closeup.opening.EMBEDDERS`, or the path of an
            ONNX file.
        out: Where to write tables, plots and a page; None writes nothing.
        models: Opens models given by name; None for a new :class:`Models`.
        progress: Receives one stage per pass over the photos; silent if None.

    Returns:
        The figures: see :mod:`closeup.evaluation.lfw_report`; with ``detector``,
        ``sample``, ``studies`` (one list of rows per study) and ``seconds`` (reading, detecting
        and embedding the photos of the pairs).

    Raises:
        CalibrationError: relative distances are requested and the embedder has no calibration.
        InputError: the pairs cannot be read, or a photo is missing or damaged.
        ModelError: a model is unknown, missing, damaged, or not free for commercial use.
        OutputError: ``out`` cannot be written.

    """
    folder, pairs_file = Path(folder), Path(pairs_file)
    out = None if out is None else Path(out)
    options, progress = options or LfwOptions(), progress or Silent()
    pairs = read_pairs(pairs_file)
    if options.folds:
        pairs = pairs.of_folds(options.folds)
    if options.sample is not None:
        pairs = pairs.sampled(options.sample)
    paths = find_photos(pairs, folder)
    people = {}
    if Study.PHOTOS in options.studies:
        people = find_people(people_folder(folder), progress=progress)
    models = models or Models()
    # One thread per model: photos are processed in parallel.
    reader = PhotoEmbedder(
        models.detector(detector, threads=1, progress=progress),
        models.embedder(embedder, threads=1, calibrated=options.distance is Distance.RELATIVE),
        options.mirrored,
    )
    with claiming(out) if out else nullcontext():
        start = time.perf_counter()
        vectors = reader.read(paths, progress)
        seconds = time.perf_counter() - start
        original = Original(paths, pairs, vectors, options.distance)
        studies = {s: _study(s, original, people, reader, progress) for s in options.studies}
        distances = pair_distances(vectors.joined(), pairs.rows, options.distance, reader.cohort)
        result = {
            **verification_record(distances, pairs),
            **_photos(original, reader),
            "sample": options.sample,
            "seconds": round(seconds, 2),
            "studies": studies_record(studies),
        }
        if out:
            write_studies(out, studies, result["accuracy"])
            write_report(out, result, paths, pairs, distances)
    return result


def _photos(original: Original, reader: PhotoEmbedder) -> dict[str, Any]:
    """Figures of single photos, and what they were read with."""
    name, cohort = reader.embedder.name, reader.cohort
    record = photos_record(original.vectors, original.pairs, original.distance, name, cohort)
    return {**record, "detector": reader.detector.name}


def _study(
    study: Study,
    original: Original,
    people: dict[str, list[Path]],
    reader: PhotoEmbedder,
    progress: Progress,
) -> list[StudyRow]:
    match study:
        case Study.JPEG:
            return study_steps(original, jpeg_steps(), reader, progress)
        case Study.SIZE:
            steps = size_steps(original.vectors.heights)
            return study_steps(original, steps, reader, progress)
        case Study.PHOTOS:
            return study_photos(people, reader, progress)
