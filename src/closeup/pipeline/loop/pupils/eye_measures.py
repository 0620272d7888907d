"""What an ensemble of pupil networks says of eyes that may be labelled next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from closeup.acquisition.candidates import LabelCandidates
from closeup.pupils.eye_crops import CropShape, EyeCrop
from closeup.pupils.network import EyeNetwork

UNIT = "eye distances"

EyeCutter = Callable[[CropShape], EyeCrop]
"""Cuts out one eye in the shape that a network takes, a left eye mirrored."""

_BATCH = 64
_FLAT = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredEyes:
    """What m networks say of n eyes.

    Attributes:
        points: (m, n, 2) pupils in pixels of the eyes' pictures.
        distances: (n,) distance between the eyes of the face, in pixels of the picture.
        places: (n, 2) mean pupil in eye distances from the middle between the corners of the eye,
            as seen in the level crop; so the motion of the face is not in it.
        confidence: (m, n) probability that the eye is visible and its pupil within 0.05 eye
            distances.
        expected: (n,) mean of the errors that the networks expect of their pupil, in eye distances.
        entropy: (n,) mean entropy of the heatmaps, in nats; None if a network does not give it.
        features: (n, d) features by the first network, each divided by its standard deviation over
            all eyes; None if it does not give them.

    """

    points: NDArray[np.float64]
    distances: NDArray[np.float64]
    places: NDArray[np.float64]
    confidence: NDArray[np.float64]
    expected: NDArray[np.float64]
    entropy: NDArray[np.float64] | None = None
    features: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        """The number of eyes."""
        return len(self.distances)

    @property
    def mean(self) -> NDArray[np.float64]:
        """(n, 2) mean pupil of the networks, in pixels of the picture."""
        return np.asarray(self.points.mean(axis=0))

    @property
    def predictions(self) -> NDArray[np.float64]:
        """(m, n, 2) pupils in eye distances."""
        return np.asarray(self.points / self.distances[:, None])

    def candidates(
        self,
        rows: Sequence[int],
        pictures: Sequence[int],
        labelled: Sequence[int] = (),
        *,
        disagreement: NDArray[np.float64] | None = None,
        bad: NDArray[np.float64] | None = None,
        change: NDArray[np.float64] | None = None,
    ) -> LabelCandidates:
        """Measures of some eyes for the choice of the next ones.

        Args:
            rows: Indices of the eyes that may be chosen; an eye may occur several times, for each
                of its labels.
            pictures: For each of these the number of its picture; faces of one picture share it.
            labelled: Indices of the eyes that have a label by hand.
            disagreement: For each of ``rows``, distance from a classic method's label in eye
                distances; None if unknown.
            bad: Probability that the label is wrong; None if unknown.
            change: How far the pupil jumps against neighbouring frames; None without frames.

        """
        chosen = np.array(rows, np.int64)
        return LabelCandidates(
            np.array(pictures, np.int64),
            predictions=self.predictions[:, chosen] if len(self.points) > 1 else None,
            entropy=None if self.entropy is None else self.entropy[chosen],
            expected=self.expected[chosen],
            disagreement=disagreement,
            bad=bad,
            features=None if self.features is None else self.features[chosen],
            labelled=None if self.features is None else self.features[list(labelled)],
            change=change,
            unit=UNIT,
        )


def measure_eyes(networks: Sequence[EyeNetwork], eyes: Iterable[EyeCutter]) -> MeasuredEyes:
    """Run an ensemble on eyes, 64 at a time.

    On one core, 1,000 eyes of an eye data set take a network of 240,000 parameters 0.3 s.

    Args:
        networks: At least one network; their crops may differ.
        eyes: Cuts out each eye for a network.

    """
    rest = iter(eyes)
    parts = [[_read(network, []) for network in networks]]
    while some := list(islice(rest, _BATCH)):
        parts.append([_read(network, some) for network in networks])
    of_models = [_joined(own) for own in zip(*parts, strict=True)]
    entropy = [own.entropy for own in of_models if own.entropy is not None]
    return MeasuredEyes(
        points=np.array([own.points for own in of_models]),
        distances=of_models[0].distances,
        places=np.mean([own.places for own in of_models], axis=0),
        confidence=np.array([own.confidence for own in of_models]),
        expected=np.mean([own.expected for own in of_models], axis=0),
        entropy=np.mean(entropy, axis=0) if len(entropy) == len(networks) else None,
        features=_scaled(of_models[0].features),
    )


class _OfModel(NamedTuple):
    """What one network says of n eyes; the attributes are those of :class:`MeasuredEyes`."""

    points: NDArray[np.float64]
    distances: NDArray[np.float64]
    places: NDArray[np.float64]
    confidence: NDArray[np.float64]
    expected: NDArray[np.float64]
    entropy: NDArray[np.float64] | None
    features: NDArray[np.float64] | None


def _read(network: EyeNetwork, eyes: Sequence[EyeCutter]) -> _OfModel:
    crops = [cut(network.shape) for cut in eyes]
    readings = network.read(crops, describe=True)
    pupils = readings.pupils
    middles = [(np.array(crop.pixels.shape[1::-1]) - 1) / 2 for crop in crops]
    return _OfModel(
        _rows([crop.to_source(pupil) for crop, pupil in zip(crops, pupils, strict=True)]),
        np.array([crop.unit / crop.similarity.scale for crop in crops], np.float64),
        (pupils - _rows(middles)) / network.shape.unit,
        readings.confidence,
        readings.spread,
        readings.entropy,
        readings.features,
    )


def _joined(parts: Sequence[_OfModel]) -> _OfModel:
    """Several batches; the first may be empty, and has no entropy and features then."""
    columns = zip(*[part for part in parts if len(part.points)] or parts, strict=True)
    joined: list[Any] = [
        None if values[0] is None else np.concatenate(values) for values in columns
    ]
    return _OfModel(*joined)


def _scaled(features: NDArray[np.float64] | None) -> NDArray[np.float64] | None:
    """Features (n, d) with a standard deviation of 1 each; those that never vary are left out."""
    if features is None or not len(features):
        return features
    deviation = features.std(axis=0)
    varying = deviation > _FLAT
    return np.asarray(features[:, varying] / deviation[varying])


def _rows(places: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    return np.array(places, np.float64).reshape(-1, 2)
