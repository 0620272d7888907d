"""Probable causes of missed pupils."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from closeup.evaluation.eye_look import EyeLook
from closeup.evaluation.pupil_errors import LIMITS
from closeup.evaluation.pupil_reading import PhotoReading, SearchOutcome, errors_of
from closeup.evaluation.pupil_truth import PupilTruth
from closeup.pupils.eye_frame import EyeFrame

# Chosen by inspection of hand-labelled eyes of LFW, sorted by each measure.
_TURNED = 0.75
_NEAR = 20.0
"""Least distance between the eyes in pixels; an iris is then four pixels wide."""
_SHARP = 0.04
_BRIGHT = 0.35
_SPOT = 0.1


class Cause(StrEnum):
    """Causes of a missed eye; the first applicable one counts."""

    NO_FACE = "no face found"
    OTHER_FACE = "only another face found"
    TURNED = "face turned aside"
    UNCLEAR = "small or blurred"
    DARK = "dark glasses or deep shade"
    NO_IRIS = "no iris stands out: shut, narrow or reflecting"
    NO_CENTRE = "the method found no centre"
    HIGH = "too high, towards the brow"
    LOW = "too low, towards the cheek"
    INWARDS = "towards the nose"
    OUTWARDS = "towards the temple"


@dataclass(frozen=True, slots=True)
class Miss:
    """One face whose pupils were not found within the smallest limit.

    Attributes:
        index: Index of the face in the truth.
        error: Error of the worse eye in eye distances; infinite without a centre.
        cause: The probable cause.
        detail: The eye, and its error or the reason why it has no centre.

    """

    index: int
    error: float
    cause: Cause
    detail: str


def explain_misses(method: str, readings: Sequence[PhotoReading], truth: PupilTruth) -> list[Miss]:
    """All faces that a method missed, those without a centre first, then by falling error.

    The causes in the picture are measured at the true eye, in the same way for each method,
    so they describe the difficulty of the photo, independent of the method.

    Args:
        method: Name of the method.
        readings: One per face.
        truth: Truth of the same faces.

    """
    errors = errors_of(method, readings, truth)
    misses = [
        _explain(index, errors[index], readings[index], method, truth.centres[index])
        for index in np.flatnonzero(errors.max(axis=1) > LIMITS[0]).tolist()
    ]
    return sorted(misses, key=lambda miss: -miss.error)


def _explain(
    index: int,
    errors: NDArray[np.float64],
    reading: PhotoReading,
    method: str,
    eyes: NDArray[np.float64],
) -> Miss:
    error = float(errors.max())
    if reading.outcome is not SearchOutcome.FOUND:
        none = reading.outcome is SearchOutcome.NONE
        return Miss(index, error, Cause.NO_FACE if none else Cause.OTHER_FACE, "")
    worse, found = int(errors.argmax()), reading.found[method]
    name = f"{('right', 'left')[worse]} eye"
    hard = _hardship(reading.turned, reading.looks[worse])
    if not np.isfinite(error):
        return Miss(index, error, hard or Cause.NO_CENTRE, f"{name}: {found.reasons[worse]}")
    across, down = EyeFrame(eyes[0], eyes[1]).measured(found.centres[worse] - eyes[worse])
    direction = _direction(float(across), float(down), worse)
    return Miss(index, error, hard or direction, f"{name} {error:.2f} {direction}")


def _hardship(turned: float, look: EyeLook) -> Cause | None:
    """The cause in the picture; None if the eye is not difficult."""
    if turned > _TURNED:
        return Cause.TURNED
    if look.distance < _NEAR or look.sharpness < _SHARP:
        return Cause.UNCLEAR
    if look.brightness < _BRIGHT:
        return Cause.DARK
    return Cause.NO_IRIS if look.spot < _SPOT else None


def _direction(across: float, down: float, eye: int) -> Cause:
    """The direction of an error (towards the subject's left, down) of eye 0 (right) or 1."""
    if abs(down) >= abs(across):
        return Cause.LOW if down > 0 else Cause.HIGH
    return Cause.INWARDS if (across > 0) == (eye == 0) else Cause.OUTWARDS
