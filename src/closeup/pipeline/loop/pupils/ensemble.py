"""An ensemble of pupil networks on the crops of a data set, and the labels that it proposes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from closeup.annotations import AnnotatedPicture, Annotation, KeyPoint, Origin
from closeup.pipeline.labelling.proposers import recut
from closeup.pipeline.loop.pupils.eye_labels import POINT
from closeup.pipeline.loop.pupils.eye_measures import EyeCutter, MeasuredEyes, measure_eyes
from closeup.pipeline.loop.pupils.loop_eyes import LoopEyes
from closeup.progress import Progress
from closeup.pupils.network import EyeNetwork

METHOD = "loop"
"""Method of the labels that the models of a loop propose."""


def proposal_key(version: str) -> str:
    """Key of the labels that are proposed in a round."""
    return f"{METHOD}-{version}"


def read_ensemble(
    models: Sequence[Path], eyes: LoopEyes, chosen: Sequence[int], progress: Progress
) -> MeasuredEyes:
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
    networks = [EyeNetwork(path.read_bytes(), path.name) for path in models]
    progress.begin("finding pupils in crops", len(chosen))

    def cutters() -> Iterator[EyeCutter]:
        for _, crop in eyes.crops(chosen):
            yield partial(recut, crop, eyes.data.width)
            progress.advance()

    return measure_eyes(networks, cutters())


def proposed_pictures(
    eyes: LoopEyes, chosen: Sequence[int], measured: MeasuredEyes, version: str
) -> Iterator[AnnotatedPicture]:
    """The mean of an ensemble as a proposed label of each eye."""
    scores = measured.confidence.mean(axis=0).clip(0, 1).round(4).tolist()
    places = measured.mean.round(3).tolist()
    for number, (x, y), score in zip(chosen, places, scores, strict=True):
        label = Annotation(
            points={POINT: KeyPoint(x, y)},
            key=proposal_key(version),
            origin=Origin.MODEL,
            method=METHOD,
            version=version,
            score=score,
        )
        yield AnnotatedPicture(eyes.eyes[number].row.crop, None, eyes.data.size, (label,))
