"""A wrapper by which any detector finds heads at any roll."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from closeup.detection.candidates import best_of_overlapping
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import Size, clipped, iou
from closeup.protocols import FaceDetector

_OVERLAP = 0.3
"""Intersection over union from which two boxes are of one head."""


class AnyRotation(FaceDetector):
    """Finds heads that are not upright, too, and how far each is turned.

    The picture is searched in all four quarter turns, by default only if no upright head is found
    in it: so a picture with an upright head costs a few looks at each face more. All faces that it
    returns have ``rolls``; a head that is found in a turned picture only is returned if its roll
    can be told.

    Args:
        detector: Finds heads that are about upright.
        judged: Fills ``rolls``, and corrects the boxes and points of heads that are not upright,
            as :meth:`closeup.landmarks.rolls.RollFinder.find` does.
        always: Whether all turns are searched in every picture.

    """

    def __init__(
        self,
        detector: FaceDetector,
        judged: Callable[[RGBImage, Faces], Faces],
        *,
        always: bool = False,
    ) -> None:
        self.name, self.reliable_height = detector.name, detector.reliable_height
        self._detector, self._judged, self._always = detector, judged, always

    def detect(self, image: RGBImage) -> Faces:
        """See :meth:`closeup.protocols.FaceDetector.detect`."""
        if not image.size:
            return self._detector.detect(image)
        faces = self._judged(image, self._detector.detect(image))
        if not self._always and (~faces.lying & (faces.turns() == 0)).any():
            return _best_first(faces)
        size = Size.of(image)
        for quarters in (1, 2, 3):
            picture = np.ascontiguousarray(np.rot90(image, quarters))
            seen = _turned_back(self._detector.detect(picture), quarters, size)
            known = faces[~faces.lying]
            new = seen[_none_of(seen, known)]
            found = self._judged(image, new)
            found = found[~found.lying]
            found = found[best_of_overlapping(found.boxes, found.scores, _OVERLAP)]
            doubtful = faces[faces.lying]
            faces = Faces.joined([known, doubtful[_none_of(doubtful, found)], found])
        return _best_first(faces)


def _best_first(faces: Faces) -> Faces:
    return faces[np.argsort(-faces.scores, kind="stable")]


def _none_of(faces: Faces, others: Faces) -> NDArray[np.bool_]:
    """Which faces are of none of the other heads; shape (n,)."""
    return np.asarray(~(iou(faces.boxes, others.boxes) > _OVERLAP).any(axis=1))


def _turned_back(faces: Faces, quarters: int, size: Size) -> Faces:
    """The faces of a picture that was turned anticlockwise, in the pixels of the picture."""
    boxes = _moved(faces.boxes.reshape(-1, 2, 2), quarters, size)
    corners = np.concatenate([boxes.min(axis=1), boxes.max(axis=1)], axis=1)
    points = None if faces.landmarks is None else _moved(faces.landmarks, quarters, size)
    return replace(faces, boxes=clipped(corners, size), landmarks=points)


def _moved(points: NDArray[np.float32], quarters: int, size: Size) -> NDArray[np.float32]:
    """Points (…, 2) of a picture that was turned anticlockwise, in that of ``size``."""
    x, y = points[..., 0], points[..., 1]
    right, bottom = np.float32(size.width - 1), np.float32(size.height - 1)
    places = {1: (right - y, x), 2: (right - x, bottom - y), 3: (y, bottom - x)}
    return np.stack(places[quarters], axis=-1)
