"""How far heads are turned from upright, found by looking at them turned."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import Size, boxes_around, centres_of, clipped, sides_of
from closeup.landmarks.five_points import five_points
from closeup.landmarks.levelling import Levelled, levelled
from closeup.protocols import FaceDetector, Landmarker

_OPPOSITE = (0.0, 180.0)
_OTHERS = (45.0, 90.0, 135.0, 225.0, 270.0, 315.0)

_ROOM = 2.4
"""Side of a look, in longer sides of the face's box: a turned face with its surroundings."""
_FACE_SIDE = 66
"""Least size of the face in a look, in pixels; more for a detector of larger faces."""
_RELIABLE = 1.25
"""Size of the face in a look, in reliable heights of the detector."""
_ASIDE = 0.5
"""Largest distance of a face from the middle of a look, in sides of the box."""
_TILTS = (-20.0, 0.0, 20.0)
"""Degrees by which a head is turned to see whether its points stay."""
_STILL, _STEADY = 0.05, 0.12
"""Largest movement of the points, in eye distances: of points that are in no doubt, and of points
that can be used. On upright heads of LFW the median is 0.02, on heads of other rolls 0.3."""


class _Look(NamedTuple):
    """The face in a turned picture of a head.

    Attributes:
        face: The face in the pixels of the look, one row.
        turn: Degrees by which the head was turned anticlockwise.
        seen: The turned picture.

    """

    face: Faces
    turn: float
    seen: Levelled

    @property
    def score(self) -> float:
        """The detector's score of the face."""
        return float(self.face.scores[0])


class RollFinder:
    """Finds the roll of heads, and the boxes and points of those that are not upright.

    Detectors find many heads that lie on their side or upside down, and place their points as if
    they were upright. But dlib's points stay on the face when the picture is turned by 20° only if
    the head is upright: on any other they move. If they stay, and the detector's score is lower
    with the head upside down, the head is upright. Else it is looked at in eight turned pictures:
    the score is highest where the head is upright. That picture is levelled by the line between
    the eyes by dlib, and the roll counts only if dlib's points stay in it.

    Args:
        detector: The detector that found the faces to be judged.
        landmarker: Finds dlib's five points.

    """

    def __init__(self, detector: FaceDetector, landmarker: Landmarker) -> None:
        self._detector = detector
        self._landmarker = landmarker
        self._face_side = max(_FACE_SIDE, round(_RELIABLE * detector.reliable_height))

    def find(self, image: RGBImage, faces: Faces) -> Faces:
        """The same faces with ``rolls``; any thread may call it.

        A head that is not upright to within :data:`closeup.faces.UPRIGHT` gets the box, score and
        points that the detector finds on the upright head, turned back; its box is the one around
        the ellipse in that box.

        Args:
            image: (H, W, 3) RGB uint8, not empty.
            faces: Faces in its pixels.

        """
        rows = [self._judged(image, face) for face in faces]
        return Faces.joined(rows) if rows else faces.with_columns(rolls=np.empty(0, np.float32))

    def _judged(self, image: RGBImage, face: Faces) -> Faces:
        movement, roll = self._levelled(image, face, 0.0)
        looks = [*self._looks(image, face, _OPPOSITE)]
        if movement <= _STILL and looks and _leading(looks).turn == 0:
            return _rolled(face, movement, roll)
        looks += self._looks(image, face, _OTHERS)
        if not looks:  # a face that is hard to see, or a detector that sees whole pictures only
            return _rolled(face, movement, roll)
        best = _leading(looks)
        found = self._levelled_by(image, face, best)
        # Points of a profile or a covered face move, too, but the score tells where it is upright.
        return _rolled(face, 0.0, 0.0) if found.lying[0] and best.turn == 0 else found

    def _levelled_by(self, image: RGBImage, face: Faces, best: _Look) -> Faces:
        """The face at the exact roll of a head that is about upright in the best look."""
        near = _turned_back(best, face, Size.of(image))
        movement, roll = self._levelled(image, near, best.turn)
        for again in self._looks(image, near, [roll]):
            near = _turned_back(again, face, Size.of(image))
            movement, roll = self._levelled(image, near, roll)
        found = _rolled(near, movement, roll)
        return found if found.turns()[0] else _rolled(face, movement, roll)

    def _looks(self, image: RGBImage, face: Faces, turns: Sequence[float]) -> Iterator[_Look]:
        """The face in turned pictures of its surroundings, where it is found."""
        width = _ROOM * max(float(sides_of(face.boxes).max()), 1.0)
        side = round(_ROOM * self._face_side)
        for turn in turns:
            seen = levelled(image, centres_of(face.boxes)[0], width, turn, side)
            found = self._detector.detect(seen.pixels)
            apart = np.linalg.norm(centres_of(found.boxes) - (side - 1) / 2, axis=1)
            near = found[apart < _ASIDE * self._face_side]
            if len(near):
                yield _Look(near[np.array([near.scores.argmax()])], turn, seen)

    def _levelled(self, image: RGBImage, face: Faces, turn: float) -> tuple[float, float]:
        """The movement of the points of a head that is about upright after a turn, and its roll.

        Returns:
            The largest mean distance between the points found at two neighbouring tilts, in eye
            distances; and the roll in degrees.

        """
        square = face.with_columns(rolls=np.array([turn], np.float32)).squares()
        width = max(float(sides_of(square)[0, 0]), 1.0)
        points = []
        for tilt in _TILTS:
            seen = levelled(image, centres_of(square)[0], 2 * width, turn + tilt, _POINTS_SIDE)
            found = self._landmarker.find(seen.pixels, _MIDDLE)[0]
            points.append(seen.similarity.inverse().apply(found))
        try:
            eyes = five_points(np.array(points, np.float32))[:, :2]
        except ValueError:  # all points of a tiny face coincide
            return math.inf, 0.0
        lines = eyes[:, 1] - eyes[:, 0]
        unit = max(float(np.linalg.norm(lines, axis=1).mean()), 1e-6)
        steps = np.linalg.norm(np.diff(points, axis=0), axis=2).mean(axis=1) / unit
        across, down = lines.mean(axis=0).tolist()
        return float(steps.max()), float(np.degrees(np.arctan2(down, across)))


_POINTS_SIDE = 200
_MIDDLE = Faces(
    boxes_around(np.full((1, 2), (_POINTS_SIDE - 1) / 2, np.float32), _POINTS_SIDE / 4),
    np.ones(1, np.float32),
)
"""The square of a face in the middle half of a levelled picture of that side."""


def _leading(looks: Sequence[_Look]) -> _Look:
    return max(looks, key=lambda look: look.score)


def _rolled(face: Faces, movement: float, roll: float) -> Faces:
    known = movement <= _STEADY
    return face.with_columns(rolls=np.array([roll if known else np.nan], np.float32))


def _turned_back(look: _Look, face: Faces, size: Size) -> Faces:
    """The face of a look in the pixels of the picture."""
    back = look.seen.similarity.inverse()
    halves = sides_of(look.face.boxes)[0] * (back.scale / 2)
    angle = np.radians(look.turn)
    turned = np.abs([[np.cos(angle), np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    reach = np.sqrt(turned**2 @ halves**2)  # of the ellipse in the box
    box = boxes_around(back.apply(centres_of(look.face.boxes)), reach)
    points = None if look.face.landmarks is None else back.apply(look.face.landmarks)
    return Faces(
        clipped(box, size),
        look.face.scores,
        None if points is None else points.astype(np.float32),
        face.squaring,
        np.array([look.turn], np.float32),
    )
