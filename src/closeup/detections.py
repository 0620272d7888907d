"""A detector's results for one picture, as parallel arrays: boxes, scores, classes, points."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from closeup.faces import Faces
from closeup.geometry import Boxes, check_shape


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """Detected objects of any classes in one picture.

    Detectors return them in order of falling score. A pixel's centre has integer coordinates.

    Attributes:
        boxes: (n, 4) float32, xyxy in the picture's pixels.
        scores: (n,) float32, higher is more certain; the scale depends on the detector.
        classes: (n,) int64, class numbers; 0 if the detector has only one class.
        points: (n, k, 2) float32 x and y of key points in the same pixels, or (n, k, 3) with the
            probability (0 … 1) that they are visible; None if the detector gives none.

    Raises:
        ValueError: the arrays do not describe the same objects.

    """

    boxes: Boxes
    scores: NDArray[np.float32]
    classes: NDArray[np.int64]
    points: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        count = len(self.boxes)
        check_shape("boxes", self.boxes, (count, 4))
        check_shape("scores", self.scores, (count,))
        check_shape("classes", self.classes, (count,))
        if self.points is not None:
            last = 3 if self.points.shape[-1:] == (3,) else 2
            check_shape("points", self.points, (count, "k", last))

    @classmethod
    def none(cls) -> Detections:
        """No object, without points."""
        return cls.of_one_class(np.empty((0, 4), np.float32), np.empty(0, np.float32))

    @classmethod
    def of_one_class(
        cls,
        boxes: Boxes,
        scores: NDArray[np.float32],
        points: NDArray[np.float32] | None = None,
        *,
        number: int = 0,
    ) -> Detections:
        """Objects that are all of the class ``number``."""
        return cls(boxes, scores, np.full(len(boxes), number, np.int64), points)

    @classmethod
    def of_faces(cls, faces: Faces) -> Detections:
        """Faces with their points, as objects of the class 0."""
        return cls.of_one_class(faces.boxes, faces.scores, faces.landmarks)

    @classmethod
    def joined(cls, parts: Iterable[Detections]) -> Detections:
        """The objects of several parts in their order; points only if every part has them."""
        some = list(parts)
        if not some:
            return cls.none()
        points = [part.points for part in some if part.points is not None]
        return cls(
            np.concatenate([part.boxes for part in some]),
            np.concatenate([part.scores for part in some]),
            np.concatenate([part.classes for part in some]),
            np.concatenate(points) if len(points) == len(some) else None,
        )

    def __len__(self) -> int:
        return len(self.boxes)

    def __getitem__(self, rows: NDArray[np.bool_] | NDArray[np.integer]) -> Detections:
        """The objects that an index array or mask selects."""
        points = None if self.points is None else self.points[rows]
        return replace(
            self,
            boxes=self.boxes[rows],
            scores=self.scores[rows],
            classes=self.classes[rows],
            points=points,
        )
