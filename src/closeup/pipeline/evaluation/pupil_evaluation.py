"""``closeup evaluate pupils``: the errors of found pupils against hand-set ones."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from closeup.errors import InputError, ModelError, ModelMissingError
from closeup.evaluation.pupil_misses import explain_misses
from closeup.evaluation.pupil_reading import PhotoReading, PupilReader, SearchOutcome
from closeup.evaluation.pupil_report import method_record, write_pupil_report
from closeup.evaluation.pupil_truth import read_pupil_truth
from closeup.files.atomic import claiming
from closeup.open_models import Models
from closeup.opening import PUPIL_METHODS
from closeup.progress import Progress, Silent
from closeup.protocols import FaceDetector, PupilFinder
from closeup.pupils.calibration import Calibration

Methods = Sequence[str | PupilFinder]
"""Pupil finders, names of :data:`closeup.opening.PUPIL_METHODS` or paths of networks' files; empty
for all permitted methods that are on this machine."""


def evaluate_pupils(
    table: Path | str,
    folder: Path | str,
    methods: Methods = (),
    *,
    detector: str | FaceDetector = "auto",
    calibrations: Sequence[Path | str] = (),
    out: Path | str | None = None,
    models: Models | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Measure methods on photos with hand-set pupils; faces are detected once for all methods.

    Args:
        table: CSV of truth, see :func:`closeup.evaluation.pupil_truth.read_pupil_truth`.
        folder: Folder of its photos.
        methods: The methods to measure.
        detector: A detector, or a name of :data:`closeup.opening.DETECTORS`.
        calibrations: Files of ``closeup calibrate pupils``, at most one per method.
        out: Where to write tables, plots and a page; None writes nothing.
        models: Opens models given by name; None for a new :class:`Models`.
        progress: Receives stages and messages; silent if None.

    Returns:
        ``methods``: by name what :func:`closeup.evaluation.pupil_report.method_record` gives;
        ``photos``, ``unlabelled``, ``detector``, ``calibrated`` methods, and ``seconds`` of
        reading and searching the photos.

    Raises:
        InputError: the truth cannot be used, a photo is missing or damaged, or a calibration
            is of a method that is not measured.
        ModelError: a model is unknown, missing, damaged, or not free for commercial use.
        OutputError: ``out`` cannot be written.

    """
    table, folder = Path(table), Path(folder)
    out = None if out is None else Path(out)
    models, progress = models or Models(), progress or Silent()
    truth = read_pupil_truth(table, folder)
    finders, calibrated = open_finders(methods, calibrations, models, progress)
    opened = models.detector(detector, threads=1, progress=progress)
    if truth.unlabelled:
        progress.say(_unlabelled(truth.unlabelled, table))
    with claiming(out) if out else nullcontext():
        start = time.perf_counter()
        readings = PupilReader(opened, finders).read(truth, progress)
        seconds = time.perf_counter() - start
        _warn_of_others(readings, progress)
        misses = {name: explain_misses(name, readings, truth) for name in finders}
        result = {
            "methods": {n: method_record(n, readings, truth, misses[n]) for n in finders},
            "photos": len(truth),
            "unlabelled": truth.unlabelled,
            "detector": opened.name,
            "calibrated": calibrated,
            "seconds": round(seconds, 2),
        }
        if out:
            write_pupil_report(out, result, misses, readings, truth)
    return result


def _unlabelled(count: int, table: Path) -> str:
    """The message about rows of the truth without two pupils."""
    if count == 1:
        return f"1 row of {table} lacks an eye and is not measured"
    return f"{count} rows of {table} lack an eye and are not measured"


def open_finders(
    methods: Methods, calibrations: Sequence[Path | str], models: Models, progress: Progress
) -> tuple[dict[str, PupilFinder], list[str]]:
    """The finders by their names, and which of them are calibrated.

    If no method is named, those whose files are not on this machine are left out and reported
    through ``progress``, and so are those whose licences exclude commercial use if ``models`` are
    for it.

    Raises:
        InputError: two calibrations are of one method, or one of a method that is not measured.
        ModelError: a method is unknown, or its models cannot be used.

    """
    corrections = _calibrations([Path(path) for path in calibrations])
    finders: dict[str, PupilFinder] = {}
    for method in methods or PUPIL_METHODS:
        try:
            finder = models.pupil_finder(method)
        except ModelError as error:
            missing = isinstance(error, ModelMissingError)
            if methods or not (missing or models.settings.commercial):
                raise
            progress.say(f"{method} is left out: {error}")
            continue
        finders[finder.name] = models.pupil_finder(finder, corrections.get(finder.name))
    for name in corrections.keys() - finders.keys():
        raise InputError(
            f"a calibration is of the method {name}, which is not measured; add --method {name}"
        )
    return finders, sorted(corrections)


def _calibrations(paths: Sequence[Path]) -> dict[str, Calibration]:
    calibrations: dict[str, Calibration] = {}
    for path in paths:
        calibration = Calibration.load(path)
        if calibration.method in calibrations:
            raise InputError(f"{path}: a second calibration of {calibration.method}; give one")
        calibrations[calibration.method] = calibration
    return calibrations


def _warn_of_others(readings: Sequence[PhotoReading], progress: Progress) -> None:
    """Warn if few faces match the truth, as with that of other photos or of resized copies."""
    others = sum(reading.outcome is SearchOutcome.OTHER for reading in readings)
    if 2 * others > len(readings):
        progress.say(
            f"in {others} of {len(readings)} photos faces were found, but not where the truth "
            "has its eyes; is it the truth of these photos, in their size?"
        )
