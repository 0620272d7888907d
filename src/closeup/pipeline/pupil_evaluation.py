"""``closeup evaluate pupils``: how near found pupils are to hand-set ones."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from closeup.atomic import claiming
from closeup.errors import InputError, ModelError
from closeup.evaluation.pupil_misses import explain_misses
from closeup.evaluation.pupil_reading import PhotoReading, PupilReader, SearchOutcome
from closeup.evaluation.pupil_report import write_pupil_report
from closeup.evaluation.pupil_result import method_record
from closeup.evaluation.pupil_truth import read_pupil_truth
from closeup.opening import PUPIL_METHODS, calibrated, open_detector, open_pupil_finder
from closeup.progress import Progress
from closeup.protocols import PupilFinder
from closeup.pupils.calibration import Calibration
from closeup.settings import Settings


@dataclass(frozen=True, slots=True)
class PupilOptions:
    """What is measured.

    Attributes:
        methods: Of :data:`closeup.opening.PUPIL_METHODS`, or paths of networks' files; none for
            all that may be used.
        detector: As in :data:`closeup.opening.DETECTORS`.
        calibrations: Files of ``closeup calibrate pupils``, at most one a method.

    """

    methods: tuple[str, ...] = ()
    detector: str = "auto"
    calibrations: tuple[Path, ...] = ()


def evaluate_pupils(
    table: Path,
    folder: Path,
    options: PupilOptions,
    *,
    settings: Settings,
    progress: Progress,
    out: Path | None = None,
) -> dict[str, Any]:
    """Measure methods on photos with hand-set pupils; faces are searched once for all.

    Args:
        table: Truth, as :func:`closeup.evaluation.pupil_truth.read_pupil_truth` reads it.
        folder: Where its photos are.
        options: What is measured.
        settings: Where models are.
        progress: Hears of one stage.
        out: Where to write tables, plots and a page; None writes nothing.

    Returns:
        ``methods``: by name what :func:`closeup.evaluation.pupil_result.method_record` gives;
        ``photos``, ``unlabelled``, ``detector``, ``calibrated`` methods, and ``seconds`` of
        reading and searching the photos.

    Raises:
        InputError: the truth cannot be used, a photo is missing or damaged, or a calibration
            is of a method that is not measured.
        ModelError: a model is unknown, missing, damaged, or not free for commercial use.
        OutputError: ``out`` cannot be written.

    """
    truth = read_pupil_truth(table, folder)
    finders, calibrated = open_finders(options, settings, progress)
    detector = open_detector(options.detector, settings=settings, progress=progress, threads=1)
    if truth.unlabelled:
        one = truth.unlabelled == 1
        rows = f"{truth.unlabelled} row{'' if one else 's'} of {table}"
        progress.say(
            f"{rows} {'lacks an eye and is' if one else 'lack an eye and are'} not measured"
        )
    with claiming(out) if out else nullcontext():
        start = time.perf_counter()
        readings = PupilReader(detector, finders).read(truth, progress)
        seconds = time.perf_counter() - start
        _warn_of_others(readings, progress)
        misses = {name: explain_misses(name, readings, truth) for name in finders}
        result = {
            "methods": {n: method_record(n, readings, truth, misses[n]) for n in finders},
            "photos": len(truth),
            "unlabelled": truth.unlabelled,
            "detector": detector.name,
            "calibrated": calibrated,
            "seconds": round(seconds, 2),
        }
        if out:
            write_pupil_report(out, result, misses, readings, truth)
    return result


def open_finders(
    options: PupilOptions, settings: Settings, progress: Progress
) -> tuple[dict[str, PupilFinder], list[str]]:
    """The methods that are asked for by their finders' names, and which of them are calibrated.

    Where none is asked for and work is commercial, those that are not free for it are named
    through ``progress`` and left out.

    Raises:
        InputError: two calibrations are of one method, or one of a method not asked for.
        ModelError: a method is unknown, or its models cannot be used.

    """
    methods = options.methods or PUPIL_METHODS
    calibrations = _calibrations(options.calibrations)
    finders: dict[str, PupilFinder] = {}
    for name in methods:
        try:
            finder = open_pupil_finder(name, settings)
        except ModelError as error:
            if options.methods or not settings.commercial:
                raise
            progress.say(f"{name} is left out: {error}")
            continue
        own = calibrations.get(finder.name)
        finders[finder.name] = calibrated(finder, own, settings) if own else finder
    for name in calibrations.keys() - finders.keys():
        raise InputError(
            f"a calibration is of the method {name}, which is not measured; add --method {name}"
        )
    return finders, sorted(calibrations)


def _calibrations(paths: Sequence[Path]) -> dict[str, Calibration]:
    calibrations: dict[str, Calibration] = {}
    for path in paths:
        calibration = Calibration.load(path)
        if calibration.method in calibrations:
            raise InputError(f"{path}: a second calibration of {calibration.method}; give one")
        calibrations[calibration.method] = calibration
    return calibrations


def _warn_of_others(readings: Sequence[PhotoReading], progress: Progress) -> None:
    """Truth of other photos, or of a larger copy, fits into the photos but not the faces."""
    others = sum(reading.sighting is SearchOutcome.OTHER for reading in readings)
    if 2 * others > len(readings):
        progress.say(
            f"in {others} of {len(readings)} photos faces were found, but not where the truth "
            "has its eyes; is it the truth of these photos, in their size?"
        )
