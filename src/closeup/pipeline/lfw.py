"""``closeup evaluate lfw``: how well faces are told apart on Labeled Faces in the Wild."""

from __future__ import annotations

import time
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from closeup.atomic import claiming
from closeup.evaluation.distances import Distance, pair_distances
from closeup.evaluation.enrolment_study import find_people, study_photos
from closeup.evaluation.lfw_pairs import find_photos, people_folder, read_pairs
from closeup.evaluation.lfw_report import studies_record, write_report, write_studies
from closeup.evaluation.lfw_result import photos_record, verification_record
from closeup.evaluation.photo_vectors import FaceReader
from closeup.evaluation.sensitivity import Original, Study, StudyRow, study_jpeg, study_size
from closeup.identity.calibration import calibration_of
from closeup.opening import open_detector, open_embedder
from closeup.progress import Progress
from closeup.settings import Settings


@dataclass(frozen=True, slots=True)
class LfwOptions:
    """What is measured.

    Attributes:
        detector: As in :data:`closeup.opening.DETECTORS`.
        embedder: As in :data:`closeup.opening.EMBEDDERS`, or a file; only relative distances need
            its calibration.
        mirrored: Whether the vector of a photo is the mean with that of its mirror image.
        distance: How far two vectors are apart.
        studies: Sensitivity studies to add.
        sample: Random pairs of each kind and fold to do with; None for all.

    """

    detector: str = "auto"
    embedder: str = "dlib-128"
    mirrored: bool = True
    distance: Distance = Distance.UNIT
    studies: tuple[Study, ...] = ()
    sample: int | None = None


def evaluate_lfw(
    folder: Path,
    pairs_file: Path,
    options: LfwOptions,
    *,
    settings: Settings,
    progress: Progress,
    out: Path | None = None,
) -> dict[str, Any]:
    """Run the protocol of View 2, and the studies that are asked for.

    Args:
        folder: LFW: people's folders, or the folder that holds them as ``images``.
        pairs_file: ``pairs.txt``, or a list of View 1.
        options: What is measured.
        settings: Where models are.
        progress: Hears of one stage a pass over the photos.
        out: Where to write tables, plots and a page; None writes nothing.

    Returns:
        The figures: see :mod:`closeup.evaluation.lfw_result`; with ``detector``,
        ``sample``, ``studies`` (one list of rows a study) and ``seconds`` (reading, detecting
        and embedding the photos of the pairs).

    Raises:
        CalibrationError: relative distances are asked for and the embedder has no calibration.
        InputError: the pairs cannot be read, or a photo is missing or damaged.
        ModelError: a model is unknown, missing, damaged, or not free for commercial use.
        OutputError: ``out`` cannot be written.

    """
    pairs = read_pairs(pairs_file)
    if options.sample is not None:
        pairs = pairs.sampled(options.sample)
    paths = find_photos(pairs, folder)
    people = find_people(people_folder(folder)) if Study.PHOTOS in options.studies else {}
    reader = _open_reader(options, settings, progress)
    with claiming(out) if out else nullcontext():
        start = time.perf_counter()
        vectors = reader.read(paths, progress)
        seconds = time.perf_counter() - start
        original = Original(paths, pairs, vectors, options.distance)
        studies = {s: _study(s, original, people, reader, progress) for s in options.studies}
        embedder, cohort = reader.embedder.name, reader.cohort
        distances = pair_distances(vectors.joined(), pairs.rows, options.distance, cohort)
        result = {
            **verification_record(distances, pairs),
            **photos_record(vectors, pairs, options.distance, embedder, cohort),
            "sample": options.sample,
            "detector": reader.detector.name,
            "seconds": round(seconds, 2),
            "studies": studies_record(studies),
        }
        if out:
            write_studies(out, studies, result["accuracy"])
            write_report(out, result, paths, pairs, distances)
    return result


def _open_reader(options: LfwOptions, settings: Settings, progress: Progress) -> FaceReader:
    """Models of one thread each: photos are worked on side by side."""
    detector = open_detector(options.detector, settings=settings, progress=progress, threads=1)
    embedder = open_embedder(settings, threads=1, name=options.embedder)
    if options.distance is Distance.RELATIVE:
        calibration_of(embedder, options.embedder)
    return FaceReader(detector, embedder, options.mirrored)


def _study(
    study: Study,
    original: Original,
    people: dict[str, list[Path]],
    reader: FaceReader,
    progress: Progress,
) -> list[StudyRow]:
    match study:
        case Study.JPEG:
            return study_jpeg(original, reader, progress)
        case Study.SIZE:
            return study_size(original, reader, progress)
        case Study.PHOTOS:
            return study_photos(people, reader, progress)
