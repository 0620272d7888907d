"""An ensemble of pupil networks on the crops of a data set, and the labels that it proposes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from closeup.annotations import AnnotatedPicture, Annotation, KeyPoint, Origin
from closeup.pipeline.labelling.proposers import recut
from closeup.pipeline.loop.eye_labels import POINT
from closeup.pipeline.loop.pupil_eyes import LoopEyes
from closeup.progress import Progress
from closeup.pupils.network import EyeNetwork

METHOD = "loop"
"""Method of the labels that the models of a loop propose."""

_BATCH = 64


@dataclass(frozen=True, slots=True, eq=False)
class EnsembleReadings:
    """What m networks say of n crops.

    Attributes:
        points: (m, n, 2) pupils in the crops' pixels.
        confidence: (m, n) probability that the eye is visible and its pupil within 0.05 eye
            distances.

    """

    points: NDArray[np.float64]
    confidence: NDArray[np.float64]

    @property
    def mean(self) -> NDArray[np.float64]:
        """(n, 2) mean of the networks."""
        return np.asarray(self.points.mean(axis=0))


def proposal_key(version: str) -> str:
    """Key of the labels that are proposed in a round."""
    return f"{METHOD}-{version}"


def read_ensemble(
    models: Sequence[Path], eyes: LoopEyes, chosen: Sequence[int], progress: Progress
) -> EnsembleReadings:
    """Run networks on the crops of some eyes.

    Args:
        models: Files of the networks.
        eyes: All eyes.
        chosen: Indices of the eyes.
        progress: Receives one stage.

    Raises:
        ModelError: a file is not a pupil network.
        InputError: a file of crops is gone or damaged.

    """
    networks = [_opened(path) for path in models]
    points = np.empty((len(networks), len(chosen), 2))
    confidence = np.empty((len(networks), len(chosen)))
    progress.begin("finding pupils in crops", len(chosen))
    done = 0
    for crops in _batches(eyes, chosen):
        part = slice(done, done + len(crops))
        for number, network in enumerate(networks):
            cut = [recut(crop, eyes.data.width, network.shape) for crop in crops]
            readings = network.read(cut)
            pupils = zip(cut, readings.pupils, strict=True)
            points[number, part] = [crop.to_source(pupil) for crop, pupil in pupils]
            confidence[number, part] = readings.confidence
        progress.advance(len(crops))
        done += len(crops)
    return EnsembleReadings(points, confidence)


def proposed_pictures(
    eyes: LoopEyes, chosen: Sequence[int], readings: EnsembleReadings, version: str
) -> Iterator[AnnotatedPicture]:
    """The mean of an ensemble as a proposed label of each eye."""
    size = eyes.data.size
    scores = readings.confidence.mean(axis=0).clip(0, 1).round(4).tolist()
    places = readings.mean.round(3).tolist()
    for number, (x, y), score in zip(chosen, places, scores, strict=True):
        label = Annotation(
            points={POINT: KeyPoint(x, y)},
            key=proposal_key(version),
            origin=Origin.MODEL,
            method=METHOD,
            version=version,
            score=score,
        )
        yield AnnotatedPicture(eyes.eyes[number].row.crop, None, size, (label,))


def _batches(eyes: LoopEyes, chosen: Sequence[int]) -> Iterator[list[NDArray[np.uint8]]]:
    batch: list[NDArray[np.uint8]] = []
    for _, crop in eyes.crops(chosen):
        batch.append(crop)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _opened(path: Path) -> EyeNetwork:
    return EyeNetwork(path.read_bytes(), path.name)
