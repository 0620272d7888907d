"""Boxes that a detector found, and boxes that are there; parallel arrays for each picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.faces import Faces


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What a detector found in one picture.

    Attributes:
        boxes: (n, 4) xyxy; where 0 is does not matter, as long as the truth has it there, too.
        classes: (n,) whole numbers.
        scores: (n,) higher is surer.

    Raises:
        ValueError: the arrays do not describe the same boxes.

    """

    boxes: NDArray[np.floating]
    classes: NDArray[np.integer]
    scores: NDArray[np.floating]

    def __post_init__(self) -> None:
        count = len(self.boxes)
        shapes = self.boxes.shape, self.classes.shape, self.scores.shape
        if shapes != ((count, 4), (count,), (count,)):
            raise ValueError(f"boxes, classes and scores of shapes {shapes} are no detections")

    def __len__(self) -> int:
        return len(self.boxes)

    @classmethod
    def of_faces(cls, faces: Faces) -> Found:
        """Faces are one class, number 0."""
        return cls(faces.boxes, np.zeros(len(faces), np.int64), faces.scores)

    def chosen(self, rows: NDArray[np.bool_] | NDArray[np.integer]) -> Found:
        """Some of them."""
        return Found(self.boxes[rows], self.classes[rows], self.scores[rows])


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """What one picture shows.

    Attributes:
        boxes: (m, 4) xyxy.
        classes: (m,) whole numbers.
        ignored: (m,) bool: whoever finds these is neither right nor wrong, and whoever does not
            has missed nothing. They are what nobody can label well: tiny, hidden, in a crowd.

    Raises:
        ValueError: the arrays do not describe the same boxes.

    """

    boxes: NDArray[np.floating]
    classes: NDArray[np.integer]
    ignored: NDArray[np.bool_]

    def __post_init__(self) -> None:
        count = len(self.boxes)
        shapes = self.boxes.shape, self.classes.shape, self.ignored.shape
        if shapes != ((count, 4), (count,), (count,)):
            raise ValueError(f"boxes, classes and ignored of shapes {shapes} are no truth")

    def __len__(self) -> int:
        return len(self.boxes)

    @classmethod
    def of(cls, boxes: NDArray[np.floating], classes: NDArray[np.integer] | None = None) -> Truth:
        """Nothing is ignored; without classes all are number 0."""
        if classes is None:
            classes = np.zeros(len(boxes), np.int64)
        return cls(boxes, classes, np.zeros(len(boxes), np.bool_))
