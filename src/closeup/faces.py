"""The faces of one picture, as parallel arrays that every stage passes on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from closeup.geometry import Boxes, boxes_around, centres_of, check_shape, sides_of

Landmarks = NDArray[np.float32]
"""Points (x, y) in source pixels; shape (n, 5, 2): subject's right eye, left eye, nose tip,
right and left corner of the mouth (right = the subject's, left in the picture)."""


@dataclass(frozen=True, slots=True)
class Squaring:
    """How to make of a detector's box the square that dlib's predictors expect there.

    Attributes:
        side: Of the square, as a share of the box's longer side.
        lower: How far the square's centre lies below the box's, in the same unit.

    """

    side: float
    lower: float


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """Detected faces, best score first.

    Attributes:
        boxes: (n, 4) float32, xyxy in source pixels.
        scores: (n,) float32, higher is surer; the scale is the detector's own.
        landmarks: (n, 5, 2) float32 when the detector gives points, else None.
        squaring: What :meth:`squares` does with boxes of this detector; None for dlib's own.

    Raises:
        ValueError: the arrays do not describe the same number of faces.

    """

    boxes: Boxes
    scores: NDArray[np.float32]
    landmarks: Landmarks | None = None
    squaring: Squaring | None = None

    def __post_init__(self) -> None:
        count = len(self.boxes)
        check_shape("boxes", self.boxes, (count, 4))
        check_shape("scores", self.scores, (count,))
        if self.landmarks is not None:
            check_shape("landmarks", self.landmarks, (count, 5, 2))

    @classmethod
    def none(cls) -> Faces:
        """No face at all."""
        return cls(np.empty((0, 4), np.float32), np.empty(0, np.float32))

    def __len__(self) -> int:
        return len(self.boxes)

    def __iter__(self) -> Iterator[Faces]:
        return (self[np.array([i])] for i in range(len(self)))

    def __getitem__(self, rows: NDArray[np.bool_] | NDArray[np.integer]) -> Faces:
        """The faces that an index array or mask selects."""
        points = None if self.landmarks is None else self.landmarks[rows]
        return replace(self, boxes=self.boxes[rows], scores=self.scores[rows], landmarks=points)

    def squares(self) -> Boxes:
        """Squares in the place where dlib's own detectors would put them; shape (n, 4).

        They may leave the picture.
        """
        if self.squaring is None:
            return self.boxes
        longer = sides_of(self.boxes).max(axis=1, initial=0, keepdims=True)
        side = np.float32(self.squaring.side) * longer
        centre = centres_of(self.boxes)
        centre[:, 1:] += np.float32(self.squaring.lower) * longer
        return boxes_around(centre, side / 2)

    def scaled(self, x: float, y: float) -> Faces:
        """The same faces in a picture that is ``x`` times as wide and ``y`` times as high.

        A pixel's centre is at integer coordinates, so a point p becomes (p + ½)·scale - ½.
        """
        factor = np.array([x, y], np.float32)
        half = np.float32(0.5)
        pair = np.tile(factor, 2)
        points = None if self.landmarks is None else (self.landmarks + half) * factor - half
        return replace(self, boxes=(self.boxes + half) * pair - half, landmarks=points)
