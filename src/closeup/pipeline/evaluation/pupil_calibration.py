"""``closeup calibrate pupils``: measures the constant error of a pupil method."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from closeup.errors import InputError
from closeup.evaluation.pupil_errors import LIMITS, eye_errors, share_within
from closeup.evaluation.pupil_reading import PupilReader, SearchOutcome
from closeup.evaluation.pupil_truth import read_pupil_truth
from closeup.eyes import Eyes
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.open_models import Models
from closeup.progress import Progress, Silent
from closeup.protocols import FaceDetector, Landmarker, PupilFinder
from closeup.pupils.calibration import Calibration, fit_offsets
from closeup.pupils.eye_frame import EyeFrame

LEAST_FACES = 20
"""Minimum faces with both pupils; halves of fewer cannot show whether an offset helps."""

_CORNERS = "corners"


def calibrate_pupils(
    table: Path | str,
    folder: Path | str,
    method: str | PupilFinder,
    *,
    detector: str | FaceDetector = "auto",
    limit: int | None = None,
    models: Models | None = None,
    progress: Progress | None = None,
) -> tuple[Calibration, dict[str, Any]]:
    """Fit one constant offset per eye to photos with hand-set pupils.

    The gain is measured by two-fold cross-validation: the photos are split in half by person (the
    folder of a photo's name, else the photo), and the offsets fitted to each half are applied to
    the other half. The calibration itself is fitted to all photos.

    Args:
        table: CSV of truth, see :func:`closeup.evaluation.pupil_truth.read_pupil_truth`.
        folder: Folder of its photos.
        method: A pupil finder, a name of :data:`closeup.opening.PUPIL_METHODS`, or the path of a
            network's file; the calibration carries the finder's name.
        detector: A detector, or a name of :data:`closeup.opening.DETECTORS`.
        limit: Use only the first ``limit`` faces of the table; None for all.
        models: Opens models given by name; None for a new :class:`Models`.
        progress: Receives stages and messages; silent if None.

    Returns:
        The calibration, and figures: ``method``, ``offsets`` (as in its file), ``photos`` and
        ``used`` (photos in which a face was found), and ``before`` and ``after``, each with
        ``e_0.05``, ``e_0.10`` and ``e_0.25`` of the worse eye over all photos.

    Raises:
        InputError: the truth cannot be used, a photo is missing or damaged, or there are too
            few faces.
        ModelError: a model is unknown, missing, damaged, or not free for commercial use.

    """
    table, folder = Path(table), Path(folder)
    models, progress = models or Models(), progress or Silent()
    truth = read_pupil_truth(table, folder).first(limit)
    finder = models.pupil_finder(method)
    name, corners = finder.name, EyeCorners(models.landmarker("dlib-5-points"))
    opened = models.detector(detector, threads=1, progress=progress)
    readings = PupilReader(opened, {name: finder, _CORNERS: corners}).read(truth, progress)
    found, frames = (
        np.array([reading.found[key].centres for reading in readings]) for key in (name, _CORNERS)
    )
    _check_enough(found, f"{table}: {name}")
    used = sum(reading.outcome is SearchOutcome.FOUND for reading in readings)
    calibration = Calibration(name, fit_offsets(found, truth.centres), used)
    after = held_out(found, frames, truth.centres, _halves(truth.names))
    right, left = calibration.offsets.round(5).tolist()
    return calibration, {
        "method": name,
        "offsets": {"right": right, "left": left},
        "photos": len(truth),
        "used": used,
        "before": _shares(found, truth.centres),
        "after": _shares(after, truth.centres),
    }


def _check_enough(found: NDArray[np.float64], finder: str) -> None:
    complete = int(np.isfinite(found).all(axis=(1, 2)).sum())
    if complete < LEAST_FACES:
        raise InputError(
            f"{finder} found both pupils of only {complete} faces; a calibration needs "
            f"{LEAST_FACES} or more labelled ones"
        )


class EyeCorners:
    """Finds the midpoint between the corners of each eye, which defines the offsets' frame.

    Args:
        landmarker: Finds dlib's 5 or 68 points.

    """

    name = _CORNERS

    def __init__(self, landmarker: Landmarker) -> None:
        self._landmarker = landmarker

    def find(self, image: RGBImage, faces: Faces) -> Eyes:
        """See :meth:`closeup.protocols.PupilFinder.find`."""
        frames = [EyeFrame.of(points) for points in self._landmarker.find(image, faces)]
        middles = np.array([[frame.right, frame.left] for frame in frames], np.float32)
        known = np.ones((len(frames), 2), np.float32)
        return Eyes(middles.reshape(-1, 2, 2), known * np.nan, known, (("", ""),) * len(frames))


def held_out(
    found: NDArray[np.float64],
    frames: NDArray[np.float64],
    truth: NDArray[np.float64],
    halves: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Add to each pupil the offset that was fitted to the other half of the faces.

    Args:
        found: (n, 2, 2) pupils that a method found, in pixels; NaN where none.
        frames: (n, 2, 2) midpoints of the eye corners, as :class:`EyeCorners` gives them.
        truth: (n, 2, 2) true pupils, in pixels.
        halves: (n,) half that each face belongs to.

    Returns:
        (n, 2, 2) pupils in pixels; NaN where ``found`` is.

    Raises:
        InputError: a half has too few faces.

    """
    after = found.copy()
    for half in (False, True):
        others = halves != half
        offsets = fit_offsets(found[others], truth[others])
        for index in np.flatnonzero(~others & np.isfinite(frames).all(axis=(1, 2))):
            after[index] += EyeFrame(*frames[index]).moved(offsets)
    return after


def _halves(names: tuple[str, ...]) -> NDArray[np.bool_]:
    """(n,) True for every other person, so that no person is in both halves."""
    people = [name.rpartition("/")[0] or name for name in names]
    numbers = {person: number for number, person in enumerate(dict.fromkeys(people))}
    return np.array([numbers[person] % 2 == 1 for person in people])


def _shares(found: NDArray[np.float64], truth: NDArray[np.float64]) -> dict[str, float]:
    worse = eye_errors(found, truth).max(axis=1)
    return {f"e_{limit:.2f}": share_within(worse, limit) for limit in LIMITS}
