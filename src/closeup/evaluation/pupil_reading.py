"""Pupils of several methods in the same photos; faces are detected once for all methods."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from closeup.evaluation.eye_look import EyeLook, look_at
from closeup.evaluation.pupil_errors import eye_errors
from closeup.evaluation.pupil_truth import PupilTruth
from closeup.executors.threads import ordered_map
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import centres_of
from closeup.identity.quality import turned
from closeup.progress import Progress
from closeup.protocols import FaceDetector, PupilFinder


class SearchOutcome(StrEnum):
    """Result of the detection of a labelled face."""

    FOUND = "found"
    NONE = "no face found"
    OTHER = "only another face found"


@dataclass(frozen=True, slots=True, eq=False)
class PupilReading:
    """Pupils of one method in one photo, the subject's right eye first.

    Attributes:
        centres: (2, 2) float64 x, y in pixels; NaN if not found.
        reasons: Reason of each eye without a centre; empty if it has one or without a face.
        seconds: CPU time of one thread, with the landmarks, without the face detection.
        confidence: (2,) float64, as in :class:`closeup.eyes.Eyes`; 0 without a centre.
        openness: (2,) float64, likewise; NaN if unknown.

    """

    centres: NDArray[np.float64]
    reasons: tuple[str, str] = ("", "")
    seconds: float = 0.0
    confidence: NDArray[np.float64] = field(default_factory=lambda: np.zeros(2))
    openness: NDArray[np.float64] = field(default_factory=lambda: np.full(2, np.nan))


@dataclass(frozen=True, slots=True, eq=False)
class PhotoReading:
    """Results of one labelled face.

    Attributes:
        outcome: Result of the detection.
        turned: Rotation towards profile as of :func:`closeup.identity.quality.turned`; NaN if
            the face was not found, or the detector gives no points.
        looks: Visibility of each eye.
        found: Pupils by name of the method.

    """

    outcome: SearchOutcome
    turned: float
    looks: tuple[EyeLook, EyeLook]
    found: dict[str, PupilReading]


@dataclass(frozen=True, slots=True)
class PupilReader:
    """Finds the pupils of labelled faces.

    Attributes:
        detector: Finds the faces; opened with one thread, since photos are read in parallel.
        finders: Pupil finders by name of the method.

    """

    detector: FaceDetector
    finders: Mapping[str, PupilFinder]

    def read(
        self, truth: PupilTruth, progress: Progress, stage: str = "finding pupils"
    ) -> list[PhotoReading]:
        """Read all faces of ``truth``, in its order.

        Raises:
            ImageError: a photo cannot be read. No photo is left out.
            InputError: a photo is smaller than the truth requires.

        """
        progress.begin(stage, len(truth))
        readings = []
        for reading in ordered_map(lambda index: self._photo(truth, index), range(len(truth))):
            readings.append(reading)
            progress.advance()
        return readings

    def _photo(self, truth: PupilTruth, index: int) -> PhotoReading:
        image, eyes = truth.image(index), truth.centres[index]
        faces = self.detector.detect(image)
        face = face_of(faces, eyes)
        looks = look_at(image, eyes)
        if face is None:
            nowhere = PupilReading(np.full((2, 2), np.nan))
            missed = SearchOutcome.OTHER if len(faces) else SearchOutcome.NONE
            return PhotoReading(missed, np.nan, looks, dict.fromkeys(self.finders, nowhere))
        aside = np.nan if face.landmarks is None else turned(face.landmarks[0])
        found = {name: _timed(finder, image, face) for name, finder in self.finders.items()}
        return PhotoReading(SearchOutcome.FOUND, aside, looks, found)


def face_of(faces: Faces, eyes: NDArray[np.floating]) -> Faces | None:
    """The face nearest to true eyes (2, 2) whose box contains both; None if there is none.

    The distance is measured from the centre of the box.
    """
    low, high = faces.boxes[:, None, :2], faces.boxes[:, None, 2:]
    holds = ((low <= eyes) & (eyes <= high)).all(axis=(1, 2))
    if not holds.any():
        return None
    middles = centres_of(faces.boxes)
    far = np.linalg.norm(middles - eyes.mean(axis=0), axis=1)
    return faces[np.array([np.where(holds, far, np.inf).argmin()])]


def errors_of(
    method: str, readings: Sequence[PhotoReading], truth: PupilTruth
) -> NDArray[np.float64]:
    """Error of each eye as of :func:`closeup.evaluation.pupil_errors.eye_errors`; (n, 2)."""
    found = np.array([reading.found[method].centres for reading in readings])
    return eye_errors(found, truth.centres)


def _timed(finder: PupilFinder, image: RGBImage, face: Faces) -> PupilReading:
    start = time.thread_time()
    eyes = finder.find(image, face)
    seconds = time.thread_time() - start
    centres, confidence, openness = (
        values[0].astype(np.float64) for values in (eyes.centres, eyes.confidence, eyes.openness)
    )
    return PupilReading(centres, eyes.reasons[0], seconds, confidence, openness)
