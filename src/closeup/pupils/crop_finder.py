"""Pupils by any method that processes single eye crops."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from closeup.eyes import Eyes
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.protocols import Landmarker
from closeup.pupils.eye_crops import CropShape, EyeCrop, eye_crops
from closeup.pupils.eye_frame import EyeFrame
from closeup.pupils.method import EyeMethod, Located, Steps
from closeup.pupils.visibility import OUTSIDE, USUAL, Demands, why_hidden, why_unclear, within

_LEAST_CONFIDENCE = 0.05
"""Of 3,000 eyes of LFW's training part, seven have a lower confidence; one of them was right."""

_Eye = EyeCrop | Located


class CropPupilFinder:
    """Cuts out each eye by a landmarker's points and finds its pupil by a method.

    Args:
        method: Finds the pupil in one crop.
        landmarker: dlib's five or sixty-eight points.
        shape: Shape of the crops; None: the default shape.
        mirror_left: Whether to mirror left eyes, for a method that expects the nose on the right.
        demands: Visibility checks of an eye before the method is applied.

    """

    def __init__(
        self,
        method: EyeMethod,
        landmarker: Landmarker,
        shape: CropShape | None = None,
        *,
        mirror_left: bool = False,
        demands: Demands = USUAL,
    ) -> None:
        self.name = method.name
        self._method = method
        self._landmarker = landmarker
        self._shape = shape or CropShape()
        self._mirror_left = mirror_left
        self._demands = demands

    def find(self, image: RGBImage, faces: Faces) -> Eyes:
        """See :meth:`closeup.protocols.PupilFinder.find`."""
        points = points_of(faces, image, self._landmarker)
        pairs = [
            self._pair(image, face, EyeFrame.of(own))
            for face, own in zip(faces, points, strict=True)
        ]
        crops = [eye for pair in pairs for eye in pair if isinstance(eye, EyeCrop)]
        places = map(_in_source, crops, self._locate(crops))
        found = [(_next_or(right, places), _next_or(left, places)) for right, left in pairs]
        return joined(image, found)

    def show(self, image: RGBImage, face: Faces) -> tuple[Steps, Steps]:
        """The steps for the right and the left eye of one face; empty if no eye can be cut out."""
        steps = Steps(), Steps()
        frame = EyeFrame.of(self._landmarker.find(image, face)[0])
        if frame.distance >= 1:
            eyes = self._cut(image, frame, self._hidden(image, face, frame))
            for own, (crop, reason) in zip(steps, eyes, strict=True):
                self._show(own, crop, reason)
        return steps

    def _show(self, steps: Steps, crop: EyeCrop, reason: str) -> None:
        if reason:
            steps.show("eye", crop.pixels)
            steps.show(reason, crop.pixels)
        else:
            self._method.locate(crop, steps)

    def _pair(self, image: RGBImage, face: Faces, frame: EyeFrame) -> tuple[_Eye, _Eye]:
        """The crop of each eye, or the reason why there is none."""
        hidden = self._hidden(image, face, frame)
        if all(hidden):
            return Located(None, reason=hidden[0]), Located(None, reason=hidden[1])
        right, left = (
            Located(None, reason=reason) if reason else crop
            for crop, reason in self._cut(image, frame, hidden)
        )
        return right, left

    def _hidden(self, image: RGBImage, face: Faces, frame: EyeFrame) -> tuple[str, str]:
        return why_hidden(image, face, frame, self._demands)

    def _cut(
        self, image: RGBImage, frame: EyeFrame, hidden: tuple[str, str]
    ) -> list[tuple[EyeCrop, str]]:
        """The crop of each eye, with the reason why it has no pupil, or an empty string."""
        crops = eye_crops(image, frame, self._shape, mirror_left=self._mirror_left)
        return [
            (crop, reason or why_unclear(crop, self._demands))
            for crop, reason in zip(crops, hidden, strict=True)
        ]

    def _locate(self, crops: Sequence[EyeCrop]) -> list[Located]:
        """The pupil of each eye of a picture, in pixels of its crop."""
        return [_sure(self._method.locate(crop)) for crop in crops]


def points_of(faces: Faces, image: RGBImage, landmarker: Landmarker) -> NDArray[np.float32]:
    """The points of a landmarker: those that the faces have already, else found now.

    Args:
        faces: n faces.
        image: The picture (H, W, 3).
        landmarker: Finds k points a face.

    Returns:
        (n, k, 2) in the picture's pixels.

    """
    if faces.points is not None and faces.scheme == landmarker.scheme:
        return faces.points
    return landmarker.find(image, faces)


def _next_or(eye: _Eye, places: Iterator[Located]) -> Located:
    return eye if isinstance(eye, Located) else next(places)


def _sure(located: Located) -> Located:
    if located.point is None or located.confidence >= _LEAST_CONFIDENCE:
        return located
    return Located(None, openness=located.openness, reason="no pupil stands out")


def _in_source(crop: EyeCrop, located: Located) -> Located:
    if located.point is None:
        return located
    return replace(located, point=crop.to_source(located.point))


def joined(image: RGBImage, pairs: list[tuple[Located, Located]]) -> Eyes:
    """Join pairs (right eye, left eye) with points in a picture's pixels to arrays.

    Points outside the picture, where a crop is black, are dropped.
    """
    if not pairs:
        return Eyes.none()
    seen = [tuple(_on_picture(image, eye) for eye in pair) for pair in pairs]
    nowhere = np.full(2, np.nan)
    centres: list[list[NDArray[np.float64]]] = [
        [nowhere if eye.point is None else eye.point for eye in pair] for pair in seen
    ]
    return Eyes(
        np.array(centres, np.float32),
        np.array([[eye.openness for eye in pair] for pair in seen], np.float32),
        np.array([[eye.confidence for eye in pair] for pair in seen], np.float32),
        tuple((right.reason, left.reason) for right, left in seen),
    )


def _on_picture(image: RGBImage, eye: Located) -> Located:
    if eye.point is None or within(image, eye.point):
        return eye
    return Located(None, reason=OUTSIDE)
