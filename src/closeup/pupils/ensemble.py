"""Pupils as the mean of several methods, with a confidence by their agreement."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from closeup.eyes import Eyes
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import areas
from closeup.pupils.method import PupilMethod, Steps

_NEAR = 0.02
"""In sides of a face, the square root of its box's area: with the boxes of YuNet about 0.05 eye
distances, the largest error of a found pupil in the literature."""


class EnsemblePupilFinder:
    """The mean of the pupils of several finders.

    A pupil is found if more than half of the finders have one. Its confidence is the mean of
    theirs, times the share of finders within a fiftieth of the face's side of the mean: a
    finder that disagrees lowers it as much as one without a pupil.

    Args:
        finders: At least two finders.

    Raises:
        ValueError: there are fewer than two finders.

    """

    def __init__(self, finders: Sequence[PupilMethod]) -> None:
        if len(finders) < 2:
            raise ValueError(f"an ensemble needs two finders or more, got {len(finders)}")
        self.name = ",".join(finder.name for finder in finders)
        self._finders = finders

    def find(self, image: RGBImage, faces: Faces) -> Eyes:
        """See :meth:`closeup.protocols.PupilFinder.find`."""
        opinions = [finder.find(image, faces) for finder in self._finders]
        return agreed(opinions, np.sqrt(areas(faces.boxes)))

    def show(self, image: RGBImage, face: Faces) -> tuple[Steps, Steps]:
        """The steps of all finders in their order, each starting with the eye."""
        steps = Steps(), Steps()
        for finder in self._finders:
            for own, more in zip(steps, finder.show(image, face), strict=True):
                own.pictures += more.pictures
        return steps


def agreed(opinions: Sequence[Eyes], sides: NDArray[np.floating]) -> Eyes:
    """The mean of several opinions on the same eyes; see :class:`EnsemblePupilFinder`.

    Args:
        opinions: At least two, on the same n faces.
        sides: (n,) square roots of the areas of the face boxes, in pixels.

    """
    centres = np.array([eyes.centres for eyes in opinions], np.float64)
    seen = np.array([eyes.found for eyes in opinions])
    found = 2 * seen.sum(axis=0) > len(opinions)
    mean = _mean(centres, seen[..., None])
    openness = np.array([eyes.openness for eyes in opinions], np.float64)
    confidence = np.array([eyes.confidence for eyes in opinions], np.float64).mean(axis=0)
    away = np.linalg.norm(centres - mean, axis=3)
    confidence *= (away <= _NEAR * sides[:, None]).mean(axis=0)
    return Eyes(
        np.where(found[..., None], mean, np.nan).astype(np.float32),
        _mean(openness, np.isfinite(openness)).astype(np.float32),
        np.where(found, confidence, 0).astype(np.float32),
        _reasons(opinions, found),
    )


def _mean(values: NDArray[np.float64], known: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Mean over the opinions that have a value; NaN if none has."""
    total = np.where(known, values, 0).sum(axis=0)
    with np.errstate(invalid="ignore"):
        return np.asarray(total / known.sum(axis=0))


def _reasons(opinions: Sequence[Eyes], found: NDArray[np.bool_]) -> tuple[tuple[str, str], ...]:
    """The first given reason for each eye without a pupil."""

    def reason(face: int, eye: int) -> str:
        if found[face, eye]:
            return ""
        return next(filter(None, (eyes.reasons[face][eye] for eyes in opinions)))

    return tuple((reason(face, 0), reason(face, 1)) for face in range(len(found)))
