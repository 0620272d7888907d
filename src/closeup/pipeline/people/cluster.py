"""Unknown faces of an image, a folder or a video, sorted by person."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path, PurePosixPath

import numpy as np

from closeup.embedding_calibration import EmbeddingCalibration
from closeup.errors import InputError
from closeup.files.atomic import claiming, scratch, writing
from closeup.files.unique_names import UniqueNames, readable, shortened
from closeup.identity.calibration import calibration_of
from closeup.identity.clustering import ALONE, cluster_faces
from closeup.identity.exemplars import best_first
from closeup.landmarks.cuts import FaceCutter
from closeup.media.images import encode_jpeg
from closeup.media.pictures import Pictures, PictureSource, open_pictures
from closeup.open_models import Models
from closeup.pipeline.people.cluster_files import files_of_earlier_run, replace_results
from closeup.pipeline.people.cluster_sheet import draw_sheet
from closeup.pipeline.people.clusters import MIN_FACES, SHEET, People, Person, person_folder
from closeup.pipeline.people.described_faces import (
    CROPS,
    DescribedFace,
    DescribedFaces,
    FaceDescriber,
    describe_faces,
)
from closeup.progress import Progress, Silent
from closeup.protocols import Embedder, FaceDetector

_PICTURES_A_SECOND = 2
"""Default sampling rate of a video; faces 1/25 s apart add no information."""

_LONGEST_STEM = 120
"""Maximum bytes of a crop's name, which may get two number suffixes as a member's photo."""


def cluster_people(
    source: PictureSource,
    out: Path | str,
    *,
    every: int | None = None,
    min_faces: int = MIN_FACES,
    rotate: int = 0,
    any_rotation: bool = False,
    detector: str | FaceDetector = "auto",
    embedder: str | Embedder = "auto",
    models: Models | None = None,
    progress: Progress | None = None,
) -> People:
    """Find all faces, leave out unreliable ones, and sort the others by person.

    Writes ``person-001/*.jpg`` …, ``people.jpg`` and ``clusters.json``, which replace those of an
    earlier run; other files in ``out`` stay.

    Args:
        source: Path of an image, a folder (searched through sub-folders) or a video; an RGB array
            of shape (H, W, 3); or an iterable of such arrays or of frames.
        out: Folder for the results; made when it does not exist.
        every: Use every ``every``-th frame; None for about two per second of a video.
        min_faces: Minimum size of a written group; faces of smaller groups count as alone.
        rotate: See :func:`closeup.find_faces`.
        any_rotation: See :func:`closeup.find_faces`.
        detector: A detector, or a name of :data:`closeup.opening.DETECTORS`.
        embedder: An embedder, a name of :data:`closeup.opening.EMBEDDERS`, or the path of an
            ONNX file.
        models: Opens models given by name; None for a new :class:`Models`.
        progress: Receives stages and messages; silent if None.

    Raises:
        CalibrationError: the embedder has no calibration.
        InputError: there is no picture, no face, or none that is good enough.
        OutputError: a result cannot be written, or would be among the pictures.
        ModelError: a model cannot be opened.
        ValueError: ``every`` or ``min_faces`` is less than 1, or ``rotate`` is no quarter turn.

    """
    for name, value in (("every", every), ("min_faces", min_faces)):
        if value is not None and value < 1:
            raise ValueError(f"{name} must be 1 or more, got {value}")
    models, progress = models or Models(), progress or Silent()
    out = Path(out)
    pictures = _opened(source, every, rotate)
    pictures.refuse_results_in(out)
    earlier = files_of_earlier_run(out)
    network = models.embedder(embedder, threads=1)
    finder = models.detector(detector, threads=1, progress=progress)
    describer = FaceDescriber(
        models.turned_detector(finder, photos=pictures.photos, any_rotation=any_rotation),
        network,
        FaceCutter(CROPS, models.landmarker("dlib-5-points")),
    )
    with claiming(out), scratch(out) as folder:
        found = describe_faces(pictures, describer, folder, progress)
        _check_faces(pictures.path, found)
        groups = _grouped(found.fit, calibration_of(network), min_faces, progress)
        groups = _with_files(groups, out, earlier)
        people = _people(pictures.path, network.name, found, groups)
        _write(out, people, groups, folder)
    return people


def _opened(source: PictureSource, every: int | None, rotate: int) -> Pictures:
    pictures = open_pictures(source, every or 1, rotate)
    if every is None and pictures.video:
        every = max(1, round(pictures.video.rate / _PICTURES_A_SECOND))
        return open_pictures(source, every, rotate)
    return pictures


def _check_faces(source: Path, found: DescribedFaces) -> None:
    if found.fit:
        return
    if not found.left_out:
        raise InputError(f"{source}: no face found; try another --detector or larger pictures")
    reasons = Counter(face.reasons[0] for face in found.left_out)
    counts = ", ".join(f"{count} where {reason}" for reason, count in reasons.most_common())
    raise InputError(f"{source}: no face is good enough ({counts}); give clearer pictures")


def _grouped(
    fit: list[DescribedFace], calibration: EmbeddingCalibration, min_faces: int, progress: Progress
) -> list[list[DescribedFace]]:
    """The groups, largest first, in each the most typical and clearest face first."""
    vectors = np.stack([face.vector for face in fit])
    pictures = np.array([face.picture for face in fit])
    numbers = cluster_faces(vectors, calibration, pictures, progress)
    groups = [np.flatnonzero(numbers == number) for number in range(numbers.max() + 1)]
    groups += [np.array([row]) for row in np.flatnonzero(numbers == ALONE)]
    return [
        [fit[i] for i in rows[best_first(vectors[rows], [fit[i].weight for i in rows])]]
        for rows in groups
        if len(rows) >= min_faces
    ]


def _with_files(
    groups: list[list[DescribedFace]], out: Path, earlier: set[str]
) -> list[list[DescribedFace]]:
    """The same groups with names for the crops."""
    names = UniqueNames(refused=lambda file: str(file) not in earlier and (out / file).exists())

    def named(one: DescribedFace, number: int) -> DescribedFace:
        stem = shortened(readable(one.stem), _LONGEST_STEM)
        file = names.take(PurePosixPath(person_folder(number), f"{stem}.jpg"))
        return replace(one, face=replace(one.face, file=str(file)))

    return [[named(one, number) for one in group] for number, group in enumerate(groups, 1)]


def _people(
    source: Path, embedder: str, found: DescribedFaces, groups: list[list[DescribedFace]]
) -> People:
    grouped = {one.crop for group in groups for one in group}
    return People(
        source=str(source),
        embedder=embedder,
        pictures=found.pictures,
        groups=tuple(
            Person(number, tuple(one.face for one in group))
            for number, group in enumerate(groups, 1)
        ),
        alone=tuple(one.face for one in found.fit if one.crop not in grouped),
        left_out=tuple(found.left_out),
    )


def _write(out: Path, people: People, groups: list[list[DescribedFace]], folder: Path) -> None:
    crops = {one.face.file: one.crop for group in groups for one in group if one.face.file}
    if crops:
        sheet = folder / SHEET
        with writing(out / SHEET):
            sheet.write_bytes(encode_jpeg(draw_sheet(people, crops)))
        crops[SHEET] = sheet
    replace_results(out, people, crops)
