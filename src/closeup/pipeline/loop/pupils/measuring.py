"""Measures the networks of a loop: on photos with hand-set pupils, or on held-out people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from closeup.acquisition.stopping import prediction_agreement
from closeup.drawing.crosses import draw_cross
from closeup.errors import InputError
from closeup.evaluation.pupil_errors import LIMITS, share_interval, share_within
from closeup.evaluation.pupil_reading import PhotoReading, PupilReader, errors_of
from closeup.evaluation.pupil_sheet import FOUND, TRUE, eye_strip
from closeup.evaluation.pupil_truth import PupilTruth
from closeup.frames import RGBImage
from closeup.open_models import Models
from closeup.pipeline.loop.loop_kind import Evaluation, HeldOutCase
from closeup.pipeline.loop.pupils.ensemble import read_ensemble
from closeup.pipeline.loop.pupils.eye_labels import EyeLabelSource
from closeup.pipeline.loop.pupils.loop_eyes import LoopEyes
from closeup.progress import Progress

GOAL = "e_0.05"
SHOWN = 12
"""Number of cases of each sheet."""
_NEW, _OLD = "new", "old"
LEAST_MEASURED = 10
"""Least number of held-out eyes with a label by hand."""
_SAME = 0.02
"""Eye distances; a pupil that moved less between two rounds stayed the same."""
_ARM = 5.0

_Case = Callable[[int], HeldOutCase]
"""Draws a case by its index."""


@dataclass(frozen=True, slots=True)
class PhotoTest:
    """Photos with hand-set pupils, on which networks are run as by ``closeup pupils``.

    Attributes:
        truth: The photos and their pupils.
        models: Opens the networks.
        detector: Name of the face detector.

    """

    truth: PupilTruth
    models: Models
    detector: str

    def evaluate(
        self, models: Sequence[Path], before: Sequence[Path], progress: Progress
    ) -> Evaluation:
        """Measure the first model; see :meth:`closeup.pipeline.loop.loop_kind.LoopKind.evaluate`.

        The goal is the share of faces whose worse eye is within 0.05 eye distances.
        """
        paths = {_NEW: models[0], **({_OLD: before[0]} if before else {})}
        finders = {name: self.models.pupil_finder(str(path)) for name, path in paths.items()}
        detector = self.models.detector(self.detector, threads=1, progress=progress)
        readings = PupilReader(detector, finders).read(self.truth, progress, "testing")
        errors = {name: errors_of(name, readings, self.truth).max(axis=1) for name in finders}
        apart = np.linalg.norm(self.truth.centres[:, 1] - self.truth.centres[:, 0], axis=1)
        places = {
            name: np.array([reading.found[name].centres for reading in readings])
            / apart[:, None, None]
            for name in finders
        }
        return _evaluation(errors, places, lambda index: self._case(index, readings, errors))

    def _case(
        self,
        index: int,
        readings: Sequence[PhotoReading],
        errors: dict[str, NDArray[np.float64]],
    ) -> HeldOutCase:
        name = self.truth.names[index].rpartition("/")[2].rpartition(".")[0].replace("_", " ")
        strip = eye_strip(self.truth, index, readings[index].found[_NEW].centres)
        return HeldOutCase(strip, f"{name}\n{_off({own: e[index] for own, e in errors.items()})}")


def eyes_to_measure(eyes: LoopEyes) -> list[int]:
    """Indices of the eyes of held-out people that have a label by hand.

    Raises:
        InputError: there are too few of them.

    """
    measured = [
        number
        for number in np.flatnonzero(eyes.held_out).tolist()
        if eyes.eyes[number].label.source is EyeLabelSource.BY_HAND
    ]
    if len(measured) < LEAST_MEASURED:
        raise InputError(
            f"{len(measured)} eyes of held-out people have a label by hand, at least "
            f"{LEAST_MEASURED} are needed to measure on; label more of the queue, or run it again "
            "to be asked for more"
        )
    return measured


def evaluate_held_out(
    eyes: LoopEyes, models: Sequence[Path], before: Sequence[Path], progress: Progress
) -> Evaluation:
    """Measure the first model on the labels by hand of held-out people, eye by eye.

    Raises:
        InputError: there are too few of them.

    """
    measured = eyes_to_measure(eyes)
    paths = {_NEW: models[:1], **({_OLD: before[:1]} if before else {})}
    found = {name: read_ensemble(own, eyes, measured, progress).mean for name, own in paths.items()}
    truth = np.array([eyes.eyes[number].label.point for number in measured])
    errors = {name: np.linalg.norm(own - truth, axis=1) / eyes.unit for name, own in found.items()}
    crops = dict(eyes.crops(measured))

    def case(place: int) -> HeldOutCase:
        number = measured[place]
        picture = _crossed(crops[number], truth[place], found[_NEW][place])
        said = _off({name: own[place] for name, own in errors.items()})
        return HeldOutCase(picture, f"{eyes.eyes[number].row.image}\n{said}")

    return _evaluation(errors, {name: own / eyes.unit for name, own in found.items()}, case)


def _evaluation(
    errors: Mapping[str, NDArray[np.float64]],
    places: Mapping[str, NDArray[np.float64]],
    case: _Case,
) -> Evaluation:
    """The figures of the new network by errors (n,), and what changed since the old one.

    Args:
        errors: Error of each case in eye distances by the new network, and by the old one if any.
        places: Their pupils (n, …, 2) in eye distances, NaN where none was found.
        case: Draws a case by its index.

    """
    limit, own = LIMITS[0], errors[_NEW]
    wrong = [index for index in np.argsort(-own, kind="stable") if own[index] > limit]
    taught: list[int] = []
    agreement = None
    if _OLD in errors:
        before = errors[_OLD]
        order = np.argsort(own - np.minimum(before, 1.0), kind="stable")
        taught = [index for index in order if before[index] > limit >= own[index]]
        old, new = (places[name].reshape(-1, 2) for name in (_OLD, _NEW))
        agreement = prediction_agreement(old, new, _SAME)
    return Evaluation(
        {f"e_{one:.2f}": share_within(own, one) for one in LIMITS},
        share_interval(own, limit),
        len(own),
        [case(int(index)) for index in wrong[:SHOWN]],
        [case(int(index)) for index in taught[:SHOWN]],
        agreement,
    )


def _off(errors: dict[str, float]) -> str:
    """What a caption says of errors by the new network and the one before."""
    said = {name: f"{own:.3f}" if np.isfinite(own) else "not found" for name, own in errors.items()}
    return said[_NEW] if _OLD not in said else f"{said[_NEW]}, before {said[_OLD]}"


def _crossed(crop: RGBImage, truth: NDArray[np.float64], found: NDArray[np.float64]) -> RGBImage:
    picture = crop.repeat(2, axis=0).repeat(2, axis=1)
    for place, colour in ((truth, TRUE), (found, FOUND)):
        draw_cross(picture, 2 * place + 0.5, _ARM, colour)
    return picture
