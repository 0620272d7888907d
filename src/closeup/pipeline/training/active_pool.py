"""Photos of the experiment ``active`` as a frozen network sees them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from closeup.pipeline.training.active_heads import FeatureMap
from closeup.pipeline.training.coarse_to_fine_faces import BY_HAND, SIZE, WIDTH, ReadFaces
from closeup.training.pupils.samples import EyeSamples

if TYPE_CHECKING:
    from closeup.training.pupils.compact import CompactNetwork
    from closeup.training.pupils.local_features import FrozenReadings

_EXTENT = np.array([WIDTH, WIDTH * SIZE.height / SIZE.width])
"""Width and height of the stored crops in eye distances."""

_VISIBLE = 0.5
"""Least probability of a visible eye for a pupil, as in :mod:`closeup.pupils.network`."""

_COMPARED = 64
"""Features by which photos are compared."""


@dataclass(frozen=True, slots=True, eq=False)
class StudyPhotos:
    """n photos with two eyes each, the right one first.

    Offsets are from the frozen network's pupil, in eye distances, in the frame of the crops, where
    left eyes are mirrored.

    Attributes:
        faces: (n,) indices of the faces that were read.
        people: (n,) numbers of the people.
        inputs: (n, 2, m) float32 inputs of a head.
        offsets: (n, 2, 2) offsets to the labels by hand.
        units: (n,) eye distances of the truth per eye distance of the crops.
        seen: (n, 2) whether the network sees the eye.
        features: (n, 64) float64, by which photos are compared.
        entropy: (n,) larger entropy of both heatmaps, in nats.
        disagreement: (n,) larger distance of both eyes between the network's pupil and the coarse
            label, NaN where one has none.

    """

    faces: NDArray[np.int64]
    people: NDArray[np.int64]
    inputs: NDArray[np.float32]
    offsets: NDArray[np.float64]
    units: NDArray[np.float64]
    seen: NDArray[np.bool_]
    features: NDArray[np.float64]
    entropy: NDArray[np.float64]
    disagreement: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.faces)

    def at(self, rows: NDArray[np.integer] | NDArray[np.bool_]) -> StudyPhotos:
        """A selection by a mask (n,), or by indices in their order."""
        return StudyPhotos(**{own.name: getattr(self, own.name)[rows] for own in fields(self)})

    def errors(self, predicted: NDArray[np.float64]) -> NDArray[np.float32]:
        """Errors (n,) of the worse eye for predicted offsets (n, 2, 2), in true eye distances.

        Infinite where the network does not see an eye.
        """
        away = np.linalg.norm(predicted - self.offsets, axis=2) / self.units[:, None]
        return np.asarray(np.where(self.seen, away, np.inf).max(axis=1), np.float32)


class FrozenView:
    """Reads photos with one network and one map of features.

    Args:
        network: The network, trained on coarse labels alone.
        faces: Faces from which the map is made, without their labels.
        rows: (n,) indices of these.
        method: Method of the coarse labels.

    """

    def __init__(
        self, network: CompactNetwork, faces: ReadFaces, rows: NDArray[np.int64], method: str
    ) -> None:
        self._network, self._method = network, method
        readings = self._readings(faces, rows)
        self._map = FeatureMap.of(readings.local)
        whole = _pairs(readings.features)
        self._mean, self._deviation = whole.mean(axis=0), whole.std(axis=0) + 1e-3
        axes = np.linalg.svd((whole - self._mean) / self._deviation, full_matrices=False)[2]
        self._axes = axes[:_COMPARED].T

    def photos(self, faces: ReadFaces, rows: NDArray[np.int64]) -> StudyPhotos:
        """What the network and the truth say of faces that were detected.

        Args:
            faces: All faces.
            rows: (n,) indices of faces with crops.

        """
        readings = self._readings(faces, rows)
        own = [faces.faces[row] for row in rows.tolist()]
        pupils = _pairs(readings.pupils).reshape(-1, 2, 2)
        by_hand, coarse = (
            np.array([face.labels[who] for face in own]).reshape(-1, 2, 2) - 0.5
            for who in (BY_HAND, self._method)
        )
        apart = np.linalg.norm(coarse * _EXTENT - pupils, axis=2)
        frames, truth = faces.frames[rows], faces.truth.centres[rows]
        whole = (_pairs(readings.features) - self._mean) / self._deviation
        return StudyPhotos(
            rows,
            faces.people[rows],
            self._map(readings.local).reshape(len(rows), 2, -1),
            by_hand * _EXTENT - pupils,
            _distance(truth) / _distance(frames),
            readings.visible.reshape(-1, 2) >= _VISIBLE,
            whole @ self._axes,
            readings.entropy.reshape(-1, 2).max(axis=1),
            apart.max(axis=1),
        )

    def _readings(self, faces: ReadFaces, rows: NDArray[np.int64]) -> FrozenReadings:
        from closeup.training.pupils.local_features import frozen_readings

        return frozen_readings(self._network, _unlabelled(faces, rows))


def _unlabelled(faces: ReadFaces, rows: NDArray[np.int64]) -> EyeSamples:
    """Both eyes of each face, in order, without labels."""
    crops = np.concatenate([faces.faces[row].crops for row in rows.tolist()])
    unknown = np.full(len(crops), np.nan, np.float32)
    return EyeSamples(
        crops, np.full((len(crops), 3, 2), np.nan, np.float32), unknown, np.ones_like(unknown),
        np.repeat(faces.people[rows], 2), np.repeat(rows, 2),
        np.tile([False, True], len(rows)), WIDTH,
    )  # fmt: skip


def _pairs(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Rows (n, 2 · d) of photos from rows (2 n, d) of their eyes."""
    return np.asarray(values.reshape(-1, 2 * values.shape[1]), np.float64)


def _distance(eyes: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.linalg.norm(eyes[:, 1] - eyes[:, 0], axis=1))
