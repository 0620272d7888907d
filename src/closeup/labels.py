"""Labels of pictures, made by people or programs: boxes and points."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from closeup.geometry import Boxes, check_shape

Point = tuple[float, float]
"""x and y in the image's pixels; a pixel's centre has integer coordinates."""

Box = tuple[float, float, float, float]
"""x1, y1, x2, y2 in the image's pixels: edges, so the first pixel begins at -0.5."""

FIVE_POINTS = ("right_eye", "left_eye", "nose", "mouth_right", "mouth_left")
"""Names of the points of most data sets, in the order of :data:`closeup.faces.Landmarks`: pupils or
eye centres, nose tip, corners of the mouth; right is the subject's right."""

EYES = FIVE_POINTS[:2]
"""Names of the two eyes' points, the subject's right one first."""

FARTHEST = 1e7
"""Largest coordinate of a label in pixels; squares of larger ones overflow float32."""
_NO_PLACE = f"not finite or beyond {FARTHEST:g} pixels"


@dataclass(frozen=True, slots=True)
class FaceLabel:
    """One labelled face.

    Attributes:
        image: Path of its image relative to the data set's folder, with forward slashes.
        box: Face box in pixels; None if it was not labelled.
        points: Name → point: :data:`FIVE_POINTS`, ``pupil`` in pictures of one eye, ``p0``,
            ``p1`` … for a data set's own numbering. Missing names were not labelled.

    Raises:
        ValueError: no image is named, a number is not finite or beyond :data:`FARTHEST`, or the
            box is empty.

    """

    image: str
    box: Box | None = None
    points: Mapping[str, Point] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.image:
            raise ValueError("it names no image")
        if not all(map(_is_place, self.box or ())):
            raise ValueError(f"the box {self.box} has a number that is {_NO_PLACE}")
        if self.box and (self.box[0] >= self.box[2] or self.box[1] >= self.box[3]):
            raise ValueError(f"the box {self.box} holds nothing; it needs x1 < x2 and y1 < y2")
        for name, point in self.points.items():
            if not all(map(_is_place, point)):
                raise ValueError(f"the point {name:.60} {point} has a number that is {_NO_PLACE}")


def _is_place(value: float) -> bool:
    return isfinite(value) and abs(value) <= FARTHEST


@dataclass(frozen=True, slots=True, eq=False)
class PictureLabels:
    """The labelled objects of one picture, as parallel arrays.

    A pixel's centre has integer coordinates; readers and writers of formats that count from the
    edge of the first pixel convert them.

    Attributes:
        boxes: (m, 4) float32, xyxy in the picture's pixels.
        classes: (m,) int64, numbers of the classes.
        points: (m, k, 3) float32: x and y of key points in the same pixels, and their visibility:
            0 not labelled, 1 occluded, 2 visible. k is 0 without key points.
        ignored: (m,) bool. A detection of an ignored object counts neither as right nor as wrong,
            and the object cannot be missed: it is too small, occluded or crowded for good labels.

    Raises:
        ValueError: the arrays do not describe the same objects.

    """

    boxes: Boxes
    classes: NDArray[np.int64]
    points: NDArray[np.float32]
    ignored: NDArray[np.bool_]

    def __post_init__(self) -> None:
        count = len(self.boxes)
        check_shape("boxes", self.boxes, (count, 4))
        check_shape("classes", self.classes, (count,))
        check_shape("points", self.points, (count, "k", 3))
        check_shape("ignored", self.ignored, (count,))

    @classmethod
    def of(
        cls,
        boxes: NDArray[np.floating],
        classes: NDArray[np.integer] | None = None,
        points: NDArray[np.floating] | None = None,
        ignored: NDArray[np.bool_] | None = None,
    ) -> PictureLabels:
        """Labels with defaults for unknown columns.

        Args:
            boxes: (m, 4) xyxy in the picture's pixels.
            classes: (m,) class numbers; None if all are of the class 0.
            points: (m, k, 3) x, y and visibility; None without key points.
            ignored: (m,) bool; None if no object is ignored.

        """
        count = len(boxes)
        return cls(
            np.asarray(boxes, np.float32),
            np.zeros(count, np.int64) if classes is None else np.asarray(classes, np.int64),
            np.empty((count, 0, 3), np.float32)
            if points is None
            else np.asarray(points, np.float32),
            np.zeros(count, np.bool_) if ignored is None else ignored,
        )

    @classmethod
    def none(cls, points: int = 0) -> PictureLabels:
        """The labels of a picture without objects, in a data set with ``points`` key points."""
        return cls.of(np.empty((0, 4)), points=np.empty((0, points, 3)))

    @classmethod
    def joined(cls, parts: Iterable[PictureLabels]) -> PictureLabels:
        """The objects of one or more parts, in order; all have the same number of key points."""
        some = list(parts)
        return cls(
            np.concatenate([part.boxes for part in some]),
            np.concatenate([part.classes for part in some]),
            np.concatenate([part.points for part in some]),
            np.concatenate([part.ignored for part in some]),
        )

    def __len__(self) -> int:
        return len(self.boxes)

    def __getitem__(self, rows: NDArray[np.bool_] | NDArray[np.integer]) -> PictureLabels:
        """The objects that an index array or mask selects."""
        return replace(
            self,
            boxes=self.boxes[rows],
            classes=self.classes[rows],
            points=self.points[rows],
            ignored=self.ignored[rows],
        )
