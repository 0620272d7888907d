"""The persons of one picture, as parallel arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.geometry import Boxes


@dataclass(frozen=True, slots=True, eq=False)
class Persons:
    """Detected persons, best score first.

    Attributes:
        boxes: (n, 4) float32, xyxy in source pixels, around all that is seen of the person.
        scores: (n,) float32, higher is surer; the scale is the detector's own.

    Raises:
        ValueError: the arrays do not describe the same number of persons.

    """

    boxes: Boxes
    scores: NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.boxes.shape != (len(self.scores), 4):
            raise ValueError(
                f"boxes must have shape {(len(self.scores), 4)}, got {self.boxes.shape}"
            )

    @classmethod
    def none(cls) -> Persons:
        """No person at all."""
        return cls(np.empty((0, 4), np.float32), np.empty(0, np.float32))

    def __len__(self) -> int:
        return len(self.boxes)
