"""The faces of one picture, as parallel arrays that all stages of a search share."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from closeup.errors import ShapeError
from closeup.eyes import Eyes
from closeup.geometry import Boxes, boxes_around, centres_of, check_shape, sides_of
from closeup.identities import Recognition

Landmarks = NDArray[np.float32]
"""Points (x, y) in source pixels; shape (n, 5, 2): subject's right eye, left eye, nose tip,
right and left corner of the mouth (right = the subject's, left in the picture)."""


UPRIGHT = 20.0
"""Rotation in degrees up to which a head counts as upright: dlib's points need no help."""

ASPECT = 0.75
"""Width of an upright head's box over its height, for detectors whose boxes are no squares."""


class PointScheme(StrEnum):
    """The set of feature points of a face, and their order."""

    EYES_NOSE_MOUTH = "eyes-nose-mouth"
    """The five points of most detectors, in the order of :data:`Landmarks`."""
    DLIB_5 = "dlib-5"
    """Corners of the eyes and base of the nose; see ``closeup.landmarks.dlib_points``."""
    DLIB_68 = "dlib-68"
    """The 68 points of iBUG 300-W; their predictor is not free for commercial use."""
    MEDIAPIPE_468 = "mediapipe-468"
    """The 468 points of MediaPipe's face mesh."""


@dataclass(frozen=True, slots=True)
class Squaring:
    """How to convert a detector's box to the square that dlib's predictors expect.

    Attributes:
        side: Side of the square, as a share of the box's longer side.
        lower: Distance of the square's centre below the box's, in the same unit.

    """

    side: float
    lower: float


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """The faces of one picture; each column is an array with one row a face.

    A detector fills ``boxes`` and ``scores``, and ``landmarks`` if it finds points. Later stages
    add the other columns with :meth:`with_columns`; a column is None until then.

    Attributes:
        boxes: (n, 4) float32, xyxy in source pixels.
        scores: (n,) float32, higher is more certain; the scale depends on the detector.
        landmarks: (n, 5, 2) float32, the detector's points in the order of
            :data:`Landmarks`; None if it gives none.
        squaring: Conversion of this detector's boxes by :meth:`squares`; None for dlib's boxes.
        rolls: (n,) float32, clockwise rotation of each head from upright in the picture, in degrees
            from -180 to 180; NaN for a head that lies on its side or upside down, it is not known
            which way. None if nothing but the detector's points tells it.
        points: (n, k, 2) float32, feature points (x, y) in source pixels; k may be 0.
        scheme: Meaning of ``points``, a :class:`PointScheme` or a landmarker's own name; None
            without points.
        eyes: Pupils, openness and gaze of each face.
        embeddings: (n, d) float32, vectors that are near to each other for the same person.
        weights: (n,) float64 in 0..1, how much each embedding should count.
        identities: Result of the comparison of each face with a gallery.
        ids: (n,) int64, number of each face in its video: the same in all frames of one track.
            None in photos, and before the faces are tracked.
        seconds: Presentation time of the picture in its video; None in photos.

    Raises:
        ShapeError: a column's shape does not fit the number of boxes.

    """

    boxes: Boxes
    scores: NDArray[np.float32]
    landmarks: Landmarks | None = None
    squaring: Squaring | None = None
    rolls: NDArray[np.float32] | None = None
    points: NDArray[np.float32] | None = None
    scheme: str | None = None
    eyes: Eyes | None = None
    embeddings: NDArray[np.float32] | None = None
    weights: NDArray[np.float64] | None = None
    identities: tuple[Recognition, ...] | None = None
    ids: NDArray[np.int64] | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        count = len(self.boxes)
        expected: list[tuple[str, NDArray[np.generic] | None, tuple[int | str, ...]]] = [
            ("boxes", self.boxes, (count, 4)),
            ("scores", self.scores, (count,)),
            ("landmarks", self.landmarks, (count, 5, 2)),
            ("rolls", self.rolls, (count,)),
            ("points", self.points, (count, "k", 2)),
            ("embeddings", self.embeddings, (count, "d")),
            ("weights", self.weights, (count,)),
            ("ids", self.ids, (count,)),
        ]
        for name, array, shape in expected:
            if array is not None:
                check_shape(name, array, shape)
        for name, column in (("eyes", self.eyes), ("identities", self.identities)):
            if column is not None and len(column) != count:
                raise ShapeError(f"{name} must describe {count} faces, got {len(column)}")

    @classmethod
    def of(cls, boxes: ArrayLike, scores: ArrayLike, landmarks: ArrayLike | None = None) -> Faces:
        """Faces from lists or arrays of any number type; converted to float32.

        Args:
            boxes: (n, 4), xyxy in source pixels; an empty list for no face.
            scores: (n,), higher is more certain.
            landmarks: (n, 5, 2) in the order of :data:`Landmarks`; None without points.

        Raises:
            ShapeError: the arrays do not describe the same faces.

        """
        table = np.asarray(boxes, np.float32)
        return cls(
            table.reshape(-1, 4) if not table.size else table,
            np.asarray(scores, np.float32),
            None if landmarks is None else np.asarray(landmarks, np.float32),
        )

    @classmethod
    def none(cls) -> Faces:
        """Faces of a picture without any face."""
        return cls(np.empty((0, 4), np.float32), np.empty(0, np.float32))

    @classmethod
    def joined(cls, parts: Sequence[Faces]) -> Faces:
        """Several sets of faces of one picture as one, in their order.

        Args:
            parts: Faces of one detector and one landmarker, at least one set. A column is None in
                the result if it is None in any set with a face.

        """
        full = [part for part in parts if len(part)] or parts[:1]

        def column(name: str) -> Any:
            values = [getattr(part, name) for part in full]
            if any(value is None for value in values):
                return None
            match values[0]:
                case np.ndarray():
                    return np.concatenate(values)
                case Eyes():
                    return Eyes.joined(values)
                case tuple():
                    return tuple(one for value in values for one in value)
            return values[0]

        return cls(**{field.name: column(field.name) for field in fields(cls)})

    @property
    def names(self) -> tuple[str | None, ...]:
        """The accepted member of each face; None for a face without an accepted member."""
        if self.identities is None:
            return (None,) * len(self)
        return tuple(identity.name for identity in self.identities)

    def with_columns(self, **columns: Any) -> Faces:
        """The same faces with other columns, given by the names of the attributes.

        Raises:
            TypeError: there is no such column.
            ShapeError: a column's shape does not fit the number of boxes.

        """
        return replace(self, **columns)

    def __len__(self) -> int:
        return len(self.boxes)

    def __iter__(self) -> Iterator[Faces]:
        return (self[np.array([i])] for i in range(len(self)))

    def __getitem__(self, rows: NDArray[np.bool_] | NDArray[np.integer]) -> Faces:
        """The faces that an index array or mask selects, with all their columns."""
        columns = {field.name: getattr(self, field.name) for field in fields(self)}
        chosen: dict[str, Any] = {
            name: column[rows] for name, column in columns.items() if isinstance(column, _ROWS)
        }
        if self.identities is not None:
            chosen["identities"] = tuple(
                self.identities[i] for i in np.arange(len(self))[rows].tolist()
            )
        return replace(self, **chosen)

    def squares(self) -> Boxes:
        """Squares as dlib's detectors would place them, xyxy in source pixels; shape (n, 4).

        They may extend beyond the picture. The square of a head that is not upright is to be
        turned with it, around its own centre.
        """
        if self.squaring is None:
            return self.boxes
        longer = sides_of(self.boxes).max(axis=1, initial=0, keepdims=True)
        turns = self.turns()
        if turns.any():
            # Such a box is the one around the ellipse of an upright box.
            across = np.linalg.norm(sides_of(self.boxes), axis=1) / math.hypot(1, ASPECT)
            longer = np.where(turns, across, longer[:, 0])[:, None].astype(np.float32)
        side = np.float32(self.squaring.side) * longer
        centre = centres_of(self.boxes)
        angle = np.radians(turns)
        down = np.stack([-np.sin(angle), np.cos(angle)], axis=1)
        centre += np.float32(self.squaring.lower) * longer * down.astype(np.float32)
        return boxes_around(centre, side / 2)

    def turns(self) -> NDArray[np.float64]:
        """Rotation by which the landmarks of each head are searched; shape (n,), degrees.

        It is that of ``rolls``, else of the detector's points, and 0 for heads that are upright
        to within :data:`UPRIGHT`, or whose rotation is not known.
        """
        if self.rolls is not None:
            turns = np.nan_to_num(self.rolls.astype(np.float64))
        elif self.landmarks is not None:
            turns = rolls_of(self.landmarks)
        else:
            return np.zeros(len(self))
        return np.where(np.abs(turns) <= UPRIGHT, 0.0, turns)

    @property
    def lying(self) -> NDArray[np.bool_]:
        """Which heads are not upright, it is not known how far they are turned; shape (n,)."""
        if self.rolls is None:
            return np.zeros(len(self), np.bool_)
        return np.isnan(self.rolls)

    def scaled(self, x: float, y: float) -> Faces:
        """The faces in a picture that is ``x`` times as wide and ``y`` times as high.

        A pixel's centre is at integer coordinates, so a point p becomes (p + ½)·scale - ½.
        ``points``, ``scheme`` and ``eyes`` are None in the result: they are found in the picture
        of the final size.
        """
        factor = np.array([x, y], np.float32)
        half = np.float32(0.5)
        pair = np.tile(factor, 2)
        points = None if self.landmarks is None else (self.landmarks + half) * factor - half
        return replace(
            self,
            boxes=(self.boxes + half) * pair - half,
            landmarks=points,
            points=None,
            scheme=None,
            eyes=None,
        )

    def moved(self, x: float, y: float) -> Faces:
        """The faces ``x`` pixels further right and ``y`` pixels further down.

        As for :meth:`scaled`, ``points``, ``scheme`` and ``eyes`` are None in the result.
        """
        shift = np.array([x, y], np.float32)
        points = None if self.landmarks is None else self.landmarks + shift
        boxes = self.boxes + np.tile(shift, 2)
        return replace(self, boxes=boxes, landmarks=points, points=None, scheme=None, eyes=None)


_FACE = np.array([-0.5 - 0.5j, 0.5 - 0.5j, 0, -0.4 + 0.6j, 0.4 + 0.6j])
"""The landmarks of an average face, x + yi, in eye distances from the nose."""


def rolls_of(landmarks: Landmarks) -> NDArray[np.float64]:
    """Clockwise rotation of heads by their landmarks (n, 5, 2), in degrees; shape (n,).

    It is the rotation of the least-squares similarity from an average face. Detectors place the
    landmarks of a head that lies on its side, or upside down, as if it were upright.
    """
    places = landmarks[..., 0].astype(np.float64) + 1j * landmarks[..., 1]
    places = places - places.mean(axis=1, keepdims=True)
    return np.asarray(np.degrees(np.angle((places * _FACE.conj()).sum(axis=1))))


_ROWS = (np.ndarray, Eyes)
"""Types of the columns that are indexed by faces."""
