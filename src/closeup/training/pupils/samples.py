"""Training samples of eyes, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from closeup.errors import InputError
from closeup.training.pupils.same_crops import numbered

PUPIL = 1
"""Index of the pupil among the three points of a sample; the others are the eye corners."""


@dataclass(frozen=True, slots=True, eq=False)
class EyeSamples:
    """Crops of n eyes, levelled, left eyes mirrored, with their labels.

    Attributes:
        crops: (n, H, W) uint8, grey.
        points: (n, 3, 2) float32: left corner, pupil and right corner as seen in the crop, x and
            y as fractions of its sides; 0 and 1 are its edges; NaN where unknown.
        openness: (n,) float32, from 0 (closed) to 1 (wide open); NaN where unknown.
        weight: (n,) float32, weight of a label: 1 if set by hand, else the method's confidence.
        groups: (n,) int64, person; a group is used for training or validation, never both.
        faces: (n,) int64, the two eyes of a face have the same number.
        left: (n,) bool, whether it is the subject's left eye.
        width: Width of the crops, in eye distances.

    Raises:
        ValueError: the arrays do not describe the same eyes.

    """

    crops: NDArray[np.uint8]
    points: NDArray[np.float32]
    openness: NDArray[np.float32]
    weight: NDArray[np.float32]
    groups: NDArray[np.int64]
    faces: NDArray[np.int64]
    left: NDArray[np.bool_]
    width: float

    def __post_init__(self) -> None:
        count = len(self.crops)
        if self.crops.ndim != 3 or self.points.shape != (count, 3, 2) or not self.width > 0:
            raise ValueError(
                f"crops {self.crops.shape} and points {self.points.shape}, {self.width} eye "
                "distances wide, describe no eyes"
            )
        for name in ("openness", "weight", "groups", "faces", "left"):
            if getattr(self, name).shape != (count,):
                raise ValueError(f"{name} must have shape {(count,)}")

    def __len__(self) -> int:
        return len(self.crops)

    @property
    def pupils(self) -> NDArray[np.float32]:
        """The pupils (n, 2), x, y as fractions of the sides; NaN where unknown."""
        return np.asarray(self.points[:, PUPIL])

    def chosen(self, rows: NDArray[np.bool_] | NDArray[np.integer]) -> EyeSamples:
        """A selection by a mask (n,), or by indices in their order."""
        arrays = {name: getattr(self, name)[rows] for name in _ARRAYS}
        return EyeSamples(**arrays, width=self.width)

    def drawn(self, faces: int, seed: int) -> EyeSamples:
        """The eyes of ``faces`` random faces: both eyes of a face are labelled together.

        With the same seed, a larger draw contains a smaller one. All eyes if there are fewer faces.
        """
        every = np.random.default_rng(seed).permutation(np.unique(self.faces))
        return self.chosen(np.isin(self.faces, every[:faces]))

    @classmethod
    def joined(cls, sets: Sequence[EyeSamples]) -> EyeSamples:
        """Join one or more sets.

        Groups keep their numbers, so that a person in two sets is one group; faces get new
        numbers. A crop in several sets is taken from the first: give the best labels first.

        Raises:
            InputError: the crops are of different sizes or widths.

        """
        first, next_face = sets[0], 0
        renumbered = []
        for samples in sets:
            if samples.crops.shape[1:] != first.crops.shape[1:] or samples.width != first.width:
                raise InputError(
                    f"crops of {_described(first)} and of {_described(samples)} cannot be joined; "
                    "make both data sets with the same --size and --width"
                )
            _, faces = np.unique(samples.faces, return_inverse=True)
            renumbered.append(replace(samples, faces=(faces + next_face).astype(np.int64)))
            next_face += len(np.unique(faces))
        arrays = {
            name: np.concatenate([getattr(samples, name) for samples in renumbered])
            for name in _ARRAYS
        }
        joined = cls(**arrays, width=first.width)
        _, earliest = np.unique(numbered(joined.crops), return_index=True)
        own = np.arange(len(first))
        return joined.chosen(np.concatenate([own, np.sort(earliest[earliest >= len(first)])]))


_ARRAYS = tuple(field.name for field in fields(EyeSamples) if field.name != "width")


def _described(samples: EyeSamples) -> str:
    height, width = samples.crops.shape[1:]
    return f"{width}x{height} pixels, {samples.width:g} eye distances wide"
